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
import { isThenable } from '../events/thenable.js';
import type { Identity, UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode, closeAction } from '../protocol/close-codes.js';
import type { Dialect } from '../protocol/dialect.js';
import { checkEnvelope, type Envelope, type EnvelopeProblem } from '../protocol/envelope.js';
import { errorText } from '../protocol/error-text.js';
import { IdSource } from '../protocol/id-source.js';
import type { SubprotocolOffer } from '../protocol/subprotocol.js';
import { ConnectFlow } from '../router/connect.flow.js';
import { MessageRouter } from '../router/message.router.js';
import type { SessionInit } from '../router/session.js';
import type { Endpoint } from './endpoint.js';
import type { HauynaWebSocket } from './hauyna-web-socket.js';
import { SessionRegistry } from './session.registry.js';
import type { SocketEvents } from './socket.events.js';
import { SocketSession } from './socket.session.js';
import { UpgradeAuthenticator } from './upgrade.authenticator.js';
import { SocketTransport } from './socket-transport.js';

/** An upgrade on its way to a connection. */
export interface Opening {
  endpoint: Endpoint;
  request: UpgradeRequest;
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
  return LOST.has(code) || closeAction(code) === 'soon';
}

/** Without a close frame; too slow; about to come back with new credentials. */
const LOST: ReadonlySet<number> = new Set([1006, CloseCode.slowConsumer, CloseCode.tokenExpired]);

/** Where a session is at home. */
export function placeOf({ endpoint, pathname }: Opening): string {
  return `${endpoint.port} ${pathname}`;
}

/** Makes a connection of a WebSocket that has just opened, and ends it with the socket. */
@Injectable()
export class ConnectionOpener implements SocketEvents {
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
    private readonly sessions: SessionRegistry,
    private readonly resumes: ResumeRegistry,
    private readonly authenticator: UpgradeAuthenticator,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  open(opening: Opening, webSocket: WebSocket): void {
    const { endpoint, identity, dialect } = opening;
    const id = this.ids.next();
    const opened =
      dialect.name === 'v1'
        ? this.resumes.open(identity?.userId ?? null, placeOf(opening), opening.offer.resume)
        : null;
    const session = this.session(opening, webSocket, id, opened);
    const { connection } = session;
    if (opened !== null) opened.session.connectionId = connection.id;
    if (connection.expiresAt !== null) this.authenticator.remember(connection, endpoint, opening.request);
    this.sessions.add(session);
    (webSocket as HauynaWebSocket).attach(session, this);
    endpoint.connections.add(connection);
    // Plain clients are told nothing they have not asked for.
    if (dialect.name !== 'plain') this.welcome(connection, endpoint, opened?.resumed ?? false);
    this.registry.add(connection);
    this.heartbeat.watch(connection, endpoint.heartbeat);
    this.tellGateways(session, opening.request);
    const preparing = this.flow.run(session);
    if (preparing !== undefined) this.sessions.track(preparing);
    // The socket may have ended while the gateways were told.
    if (webSocket.readyState === webSocket.CLOSED) this.end(session, 1006, '');
  }

  message(session: SocketSession, data: RawData, isBinary: boolean): void {
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

  ping({ connection }: SocketSession, payload: Buffer): void {
    connection.lastSeen = this.clock.now();
    if (this.bus.has('ping')) this.bus.emit('ping', { connection, payload: payload.toString() });
  }

  pong({ connection }: SocketSession, payload: Buffer): void {
    this.heartbeat.pong(connection, payload.toString());
  }

  close(session: SocketSession, code: number, reason: Buffer): void {
    this.end(session, code, reason.toString());
  }

  /** `ws` closes the socket by itself after an error. */
  error({ connection }: SocketSession, error: Error): void {
    this.logger.debug(`Connection ${connection.id}: ${error.message}`);
  }

  private session(
    { endpoint, socket, identity, dialect, pathname, params, query }: Opening,
    webSocket: WebSocket,
    id: string,
    opened: Opened | null,
  ): SocketSession {
    const now = this.clock.now();
    const { limits } = this.options;
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
      { scheduler: this.scheduler, limits },
    );
    const { table, builtIn, entrance } = endpoint;
    const init = { connection, table, builtIn, entrance, limits, now, handle: this.handle, flow: webSocket };
    return new SocketSession(init, endpoint, webSocket);
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
  private tellGateways(session: SocketSession, request: UpgradeRequest): void {
    const { endpoint, webSocket } = session;
    try {
      for (const server of endpoint.gateways) server.onConnect?.(session.connection, request);
      endpoint.native?.emit('connection', webSocket, request);
    } catch (error) {
      this.logger.error('Opening a connection failed', errorText(error));
      session.connection.close(CloseCode.serverError, 'internal error');
    }
  }

  /** A parser of the application decides what a message is; nothing means it is to be dropped. */
  private parse(session: SocketSession, parser: (data: RawData) => unknown, data: RawData): void {
    let envelope: Envelope | EnvelopeProblem;
    try {
      const message = parser(data);
      if (isThenable(message)) {
        message.then(undefined, () => undefined);
        throw new TypeError('A message parser cannot be asynchronous');
      }
      if (!message) return;
      envelope = checkEnvelope(message);
    } catch (error) {
      this.logger.error('The message parser failed', errorText(error));
      return;
    }
    this.router.accept(session, envelope);
  }

  private end(session: SocketSession, code: number, reason: string): void {
    const { connection, endpoint } = session;
    if (!endpoint.connections.delete(connection)) return;
    session.close();
    this.heartbeat.unwatch(connection);
    // A client that never answered the close frame was still closed on purpose.
    const initiated = connection.closedWith;
    const ended = initiated ?? { code, reason };
    const info: DisconnectInfo = { code: ended.code, reason: ended.reason, clean: !isLost(ended.code) };
    this.sessions.track(this.registry.remove(connection, info));
    this.sessions.end(session, code);
  }
}
