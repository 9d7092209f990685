import { Connection } from './connection.js';

/** Where the adapter keeps the connection on the sockets it hands to plain Nest gateways. */
export const CONNECTION = Symbol.for('hauyna:connection');

/**
 * The connection behind what Nest calls the client: the connection itself in a `@HauynaGateway`, the `ws` socket in a
 * plain `@WebSocketGateway`. For guards and interceptors that serve both.
 *
 * ```ts
 * const connection = connectionOf(context.switchToWs().getClient());
 * ```
 */
export function connectionOf(client: unknown): Connection | undefined {
  if (client instanceof Connection) return client;
  if (typeof client !== 'object' || client === null) return undefined;
  return (client as { [CONNECTION]?: Connection })[CONNECTION];
}
