import { Injectable } from '@nestjs/common';
import type { Connection } from '../connection/connection.js';
import type { GatewayConfig } from '../gateway/gateway.config.js';

/** Which path and port a connection came in by; the URL alone does not say which pattern it matched. */
@Injectable()
export class GatewayOfConnection {
  private readonly entrances = new WeakMap<Connection, string>();

  set(connection: Connection, port: number, path: string): void {
    this.entrances.set(connection, entrance(port, path));
  }

  serves({ port, path }: GatewayConfig, connection: Connection): boolean {
    return this.entrances.get(connection) === entrance(port, path);
  }
}

function entrance(port: number, path: string): string {
  return `${port} ${path}`;
}
