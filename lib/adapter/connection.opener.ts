import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { RawData, WebSocket } from 'ws';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { Connection } from '../connection/connection.js';
import { FlushScheduler } from '../connection/flush-scheduler.js';
import { HeartbeatService } from '../connection/heartbeat.service.js';
import { ResumeRegistry } from '../connection/resume.registry.js';
import { RetryPolicyHolder } from '../connection/retry-policy.holder.js';
import { LifecycleBus, type DisconnectInfo } from '../events/lifecycle.bus.js';
import { CONNECTION } from '../connection/connection-of.js';
import type { Identity, UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode, closeAction } from '../protocol/close-codes.js';
import type { Dialect } from '../protocol/dialect.js';
import { checkEnvelope } from '../protocol/envelope.js';
import { IdSource } from '../protocol/id-source.js';
import type { SubprotocolOffer } from '../protocol/subprotocol.js';
import { ConnectFlow } from '../router/connect.flow.js';
import { GatewayOfConnection } from '../router/gateway-of-connection.js';
import { MessageRouter } from '../router/message.router.js';
import { Session, type SessionInit } from '../router/session.js';
import { SessionOfConnection } from '../router/session-of-connection.js';
import type { Endpoint } from './endpoint.js';
import { HauynaWebSocket } from './hauyna-web-socket.js';
import { SessionRegistry } from './session.registry.js';
import { UpgradeAuthenticator } from './upgrade.authenticator.js';
import { SocketTransport } from './socket-transport.js';

/** An upgrade that has been granted. */
export interface Opening {
  endpoint: Endpoint;
  request: UpgradeRequest;
  webSocket: WebSocket;
  socket: Duplex;
  identity: Identity | null;
  pathname: string;
  params: Record<string, string>;
  query: Record<string, string>;
  dialect: Dialect;
  offer: SubprotocolOffer;
}

type Opened = NonNullable<ReturnType<ResumeRegistry['open']>>;

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
    private readonly ownSessions: SessionOfConnection,
    private readonly sessions: SessionRegistry,
    private readonly resumes: ResumeRegistry,
    private readonly authenticator: UpgradeAuthenticator,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  open(opening: Opening): void {
    const { endpoint, webSocket } = opening;
    const { identity, dialect } = opening;
    const id = this.ids.next();
    const opened =
      dialect.name === 'v1' ? this.resumes.open(identity?.userId ?? null, opening.offer.resume) : null;
    const session = this.session(opening, id, opened);
    const { connection } = session;
    if (opened !== null) opened.session.connectionId = connection.id;
    if (connection.expiresAt !== null) this.authenticator.remember(connection, endpoint, opening.request);
    this.listen(session, endpoint, webSocket);
    endpoint.connections.add(connection);
    this.ownSessions.set(session);
    this.paths.set(connection, endpoint.port, endpoint.path ?? '*');
    this.welcome(connection, endpoint, opened?.resumed ?? false);
    this.registry.add(connection);
    this.heartbeat.watch(connection, endpoint.heartbeat);
    this.tellGateways(session, opening);
    this.sessions.track(this.flow.run(session));
    // The socket may have ended while the gateways were told.
    if (webSocket.readyState === webSocket.CLOSED) this.end(session, endpoint, 1006, '');
  }

  private session(
    { endpoint, webSocket, socket, identity, dialect, pathname, params, query }: Opening,
    id: string,
    opened: Opened | null,
  ): Session {
    const now = this.clock.now();
    const connection = new Connection(
      {
        id,
        userId: identity?.userId ?? null,
        info: identity?.info ?? {},
        meta: identity?.meta ?? {},
        path: pathname,
        params,
        query,
        dialect,
        connectedAt: now,
        session: opened?.session ?? null,
        expiresAt: identity?.expiresAt ?? null,
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

  private welcome(connection: Connection, endpoint: Endpoint, resumed: boolean): void {
    const { session, expiresAt } = connection;
    const heartbeat = endpoint.heartbeat === undefined ? this.options.heartbeat : endpoint.heartbeat;
    connection.sendFrame({
      type: 'welcome',
      connectionId: connection.id,
      user: connection.userId,
      heartbeat,
      retry: this.retry.current,
      ...(session === null
        ? {}
        : {
            session: {
              id: session.id,
              resume: session.resume,
              ttl: this.options.sessionTtl ?? 0,
              resumed,
            },
          }),
      ...(expiresAt === null ? {} : { expiresIn: Math.max(0, expiresAt - this.clock.now()) }),
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
