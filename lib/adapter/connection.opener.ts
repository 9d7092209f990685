import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { RawData, WebSocket } from 'ws';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { Connection } from '../connection/connection.js';
import { FlushScheduler } from '../connection/flush-scheduler.js';
import { HeartbeatService } from '../connection/heartbeat.service.js';
import { RetryPolicyHolder } from '../connection/retry-policy.holder.js';
import { LifecycleBus, type DisconnectInfo } from '../events/lifecycle.bus.js';
import { CONNECTION } from '../connection/connection-of.js';
import type { Identity } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode, closeAction } from '../protocol/close-codes.js';
import { chooseDialect, PLAIN_DIALECT } from '../protocol/dialect.js';
import { checkEnvelope } from '../protocol/envelope.js';
import { IdSource } from '../protocol/id-source.js';
import { ConnectFlow } from '../router/connect.flow.js';
import { GatewayOfConnection } from '../router/gateway-of-connection.js';
import { MessageRouter } from '../router/message.router.js';
import { Session, type SessionInit } from '../router/session.js';
import type { Endpoint } from './endpoint.js';
import { HauynaWebSocket } from './hauyna-web-socket.js';
import { SessionRegistry } from './session.registry.js';
import { SocketTransport } from './socket-transport.js';

/** An upgrade that has been granted. */
export interface Opening {
  endpoint: Endpoint;
  request: IncomingMessage;
  webSocket: WebSocket;
  socket: Duplex;
  identity: Identity | null;
  pathname: string;
  params: Record<string, string>;
  query: Record<string, string>;
}

/** Whether the client has not left but will be back soon: the end was an accident, or its code asks for that. */
function isLost(code: number): boolean {
  return code === 1006 || code === CloseCode.slowConsumer || closeAction(code) === 'soon';
}

/** Makes a connection of a WebSocket that has just opened, and ends it with the socket. */
@Injectable()
export class ConnectionOpener {
  private readonly logger = new Logger('Hauyna');
  /** One function for all connections. */
  private readonly handle: SessionInit['handle'] = (session, envelope) =>
    this.router.handle(session, envelope);

  constructor(
    private readonly options: ResolvedOptions,
    private readonly registry: ConnectionRegistry,
    private readonly scheduler: FlushScheduler,
    private readonly heartbeat: HeartbeatService,
    private readonly retry: RetryPolicyHolder,
    private readonly bus: LifecycleBus<Connection>,
    private readonly router: MessageRouter,
    private readonly flow: ConnectFlow,
    private readonly paths: GatewayOfConnection,
    private readonly sessions: SessionRegistry,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  open(opening: Opening): void {
    const { endpoint, webSocket } = opening;
    const session = this.session(opening);
    const { connection } = session;
    this.listen(session, endpoint, webSocket);
    endpoint.connections.add(connection);
    this.paths.set(connection, endpoint.port, endpoint.path ?? '*');
    this.welcome(connection, endpoint);
    this.registry.add(connection);
    this.heartbeat.watch(connection, endpoint.heartbeat);
    this.tellGateways(session, opening);
    this.sessions.track(this.flow.run(session));
    // The socket may have ended while the gateways were told.
    if (webSocket.readyState === webSocket.CLOSED) this.end(session, endpoint, 1006, '');
  }

  private session({ endpoint, webSocket, socket, identity, pathname, params, query }: Opening): Session {
    const now = this.clock.now();
    const connection = new Connection(
      {
        id: this.ids.next(),
        userId: identity?.userId ?? null,
        info: identity?.info ?? {},
        meta: identity?.meta ?? {},
        path: pathname,
        params,
        query,
        dialect: endpoint.builtIn ? chooseDialect([webSocket.protocol]) : PLAIN_DIALECT,
        connectedAt: now,
        transport: new SocketTransport(webSocket, socket, this.clock),
      },
      { scheduler: this.scheduler, limits: this.options.limits },
    );
    return new Session({
      connection,
      table: endpoint.table,
      builtIn: endpoint.builtIn,
      limits: this.options.limits,
      now,
      handle: this.handle,
      flow: webSocket,
    });
  }

  /** The listeners live as long as the socket; the request is not among what they hold on to. */
  private listen(session: Session, endpoint: Endpoint, webSocket: WebSocket): void {
    const { connection } = session;
    this.sessions.add(connection, webSocket, session);
    if (webSocket instanceof HauynaWebSocket) {
      webSocket[CONNECTION] = connection;
      webSocket.onExceptionEvent = () => (session.exceptionSent = true);
    }
    webSocket.on('message', (data, isBinary) => this.message(session, data, isBinary));
    webSocket.on('ping', (payload) => {
      connection.lastSeen = this.clock.now();
      if (this.bus.has('ping')) this.bus.emit('ping', { connection, payload: payload.toString() });
    });
    webSocket.on('pong', (payload) => this.heartbeat.pong(connection, payload.toString()));
    webSocket.once('close', (code, reason) => this.end(session, endpoint, code, reason.toString()));
    // `ws` closes the socket by itself after an error; the listener keeps the error from ending the process.
    webSocket.on('error', (error) => this.logger.debug(`Connection ${connection.id}: ${error.message}`));
  }

  private welcome(connection: Connection, endpoint: Endpoint): void {
    const heartbeat = endpoint.heartbeat === undefined ? this.options.heartbeat : endpoint.heartbeat;
    connection.sendFrame({
      type: 'welcome',
      connectionId: connection.id,
      user: connection.userId,
      heartbeat,
      retry: this.retry.current,
    });
  }

  /** Nest binds the methods of every gateway to the client now, and calls `handleConnection`. */
  private tellGateways(session: Session, { endpoint, webSocket, request }: Opening): void {
    try {
      for (const server of endpoint.gateways) server.onConnect?.(session.connection, request);
      endpoint.native?.emit('connection', webSocket, request);
    } catch (error) {
      this.logger.error('Opening a connection failed', error instanceof Error ? error.stack : String(error));
      session.connection.close(CloseCode.serverError, 'internal error');
    }
  }

  private message(session: Session, data: RawData, isBinary: boolean): void {
    const { parser } = this.sessions;
    const { connection } = session;
    if (parser !== null && connection.dialect.name === 'plain') {
      this.parse(session, parser, data);
    } else if (isBinary) {
      connection.close(CloseCode.unsupportedData, 'send text');
    } else {
      this.router.receive(session, (data as Buffer).toString());
    }
  }

  /** A parser of the application decides what a message is; nothing means it is to be dropped. */
  private parse(session: Session, parser: (data: RawData) => unknown, data: RawData): void {
    let message: unknown;
    try {
      message = parser(data);
    } catch (error) {
      this.logger.error('The message parser failed', error instanceof Error ? error.stack : String(error));
      return;
    }
    if (message) this.router.accept(session, checkEnvelope(message));
  }

  private end(session: Session, endpoint: Endpoint, code: number, reason: string): void {
    const { connection } = session;
    if (!endpoint.connections.delete(connection)) return;
    session.close();
    this.heartbeat.unwatch(connection);
    // A client that never answered the close frame was still closed on purpose.
    const initiated = connection.closedWith;
    const ended = initiated ?? { code, reason };
    const info: DisconnectInfo = { code: ended.code, reason: ended.reason, clean: !isLost(ended.code) };
    this.sessions.track(this.registry.remove(connection, info));
    this.sessions.end(connection, code);
  }
}
