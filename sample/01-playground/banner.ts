import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';

/** The port the application listens on; with `PORT=0` nobody knows it before. */
export function portOf(app: INestApplication): number {
  const server = app.getHttpServer() as Server;
  return (server.address() as AddressInfo).port;
}

export function banner(port: number): string {
  const host = `localhost:${port}`;
  return `
  Hauyna playground   http://${host}
  Who is in general   http://${host}/presence?channel=general
  Raw WebSocket       ws://${host}/chat?user_id=123&room=general

  Ctrl-C stops it and tells every client.
`;
}
