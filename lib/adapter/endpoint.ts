import { match, type MatchFunction } from 'path-to-regexp';
import type { WebSocketServer } from 'ws';
import type { Connection } from '../connection/connection.js';
import { HauynaConfigurationError } from '../errors/hauyna.error.js';
import type { DiscoveredGateway } from '../gateway/discovered.js';
import { HandlerTable } from '../gateway/handler.table.js';
import type { ResolvedHeartbeat } from '../options/hauyna.options.js';
import { entrance } from '../router/session.js';
import { GatewayServer } from './gateway-server.js';
import { TextValues } from './text-values.js';

/** One path of one port, with every gateway that serves it. */
export class Endpoint {
  readonly table = new HandlerTable();
  readonly gateways: GatewayServer[] = [];
  /** The server of plain Nest gateways, if there are any on this path. */
  native: WebSocketServer | undefined;
  readonly connections = new Set<Connection>();
  /** What it is called where only a name is needed. */
  readonly entrance: string;
  /** The first heartbeat a gateway of this path has set for itself. */
  heartbeat: ResolvedHeartbeat | null | undefined;
  /** Of several paths that match, the one of the lowest rank is served: the one that leaves the least open. */
  readonly rank: number;
  /** Whether the path is nothing but text, so that comparing is all there is to do. */
  private readonly fixed: boolean;
  private readonly matcher: MatchFunction<Record<string, string | string[]>> | null;

  /** @param path in the syntax of path-to-regexp, or `null` for every path of the port */
  constructor(
    readonly port: number,
    readonly path: string | null,
  ) {
    this.fixed = path !== null && /^[\w\-.~/]*$/.test(path);
    this.entrance = entrance(port, path ?? '*');
    this.rank = path === null ? Infinity : rank(path);
    this.matcher = path === null ? null : compile(path);
  }

  /** Whether the library's own verbs are served. */
  get builtIn(): boolean {
    return this.gateways.length > 0;
  }

  /** @param order all gateways as they are declared; Nest asks for the first of them last */
  addGateway(gateway: DiscoveredGateway, order: readonly DiscoveredGateway[]): GatewayServer {
    const server = new GatewayServer(gateway, this.connections);
    this.gateways.push(server);
    this.gateways.sort((a, b) => order.indexOf(a.gateway) - order.indexOf(b.gateway));
    this.heartbeat = this.gateways.find((known) => known.gateway.heartbeat !== undefined)?.gateway.heartbeat;
    return server;
  }

  /** The path parameters, or `null` when the path does not match. The path must be well-formed. */
  match(pathname: string): Record<string, string> | null {
    const params = new TextValues();
    if (this.matcher === null) return params;
    if (this.fixed) return pathname === this.path ? params : null;
    const result = this.matcher(pathname);
    if (result === false) return null;
    for (const [name, value] of Object.entries(result.params)) {
      params[name] = Array.isArray(value) ? value.join('/') : value;
    }
    return params;
  }
}

/** Wildcards behind all others, else by how many parts are not fixed. */
function rank(path: string): number {
  const open = path.match(/[:*{]/g)?.length ?? 0;
  return path.includes('*') ? WILDCARD + open : open;
}

const WILDCARD = 1000;

function compile(path: string): MatchFunction<Record<string, string | string[]>> {
  try {
    // Case and trailing slash count, as they do for Nest's own WebSocket adapter.
    return match(path, { sensitive: true, trailing: false });
  } catch (cause) {
    throw new HauynaConfigurationError(
      `The gateway path '${path}' cannot be read: ${(cause as Error).message}. Write it like '/rooms/:roomId/chat'.`,
      { cause },
    );
  }
}
