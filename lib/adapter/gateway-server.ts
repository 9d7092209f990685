import type { IncomingMessage } from 'node:http';
import type { Connection } from '../connection/connection.js';
import type { DiscoveredGateway } from '../gateway/discovered.js';

/** Nest's way of telling a gateway of a new client. */
export type ConnectCallback = (client: Connection, request: IncomingMessage) => void;

/** What a `@HauynaGateway` gets as its `@WebSocketServer()`: the connections that came in by its path. */
export class GatewayServer {
  /** Set by Nest through the adapter. */
  onConnect: ConnectCallback | undefined;

  constructor(
    readonly gateway: DiscoveredGateway,
    /** Open connections of the path. */
    readonly clients: ReadonlySet<Connection>,
  ) {}
}
