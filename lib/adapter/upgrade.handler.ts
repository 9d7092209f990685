import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { WebSocketServer, type WebSocket } from 'ws';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { ResumeRegistry } from '../connection/resume.registry.js';
import { CloseCode, fitCloseReason, reconnects } from '../protocol/close-codes.js';
import { errorText } from '../protocol/error-text.js';
import { chooseDialect, PLAIN_DIALECT, V1_DIALECT } from '../protocol/dialect.js';
import { Clock } from '../protocol/clock.js';
import type { DisconnectFrame } from '../protocol/server-frames.js';
import { decodeOffer, type SubprotocolOffer } from '../protocol/subprotocol.js';
import type { Identity, UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { ConnectionOpener, placeOf, type Opening } from './connection.opener.js';
import type { Endpoint } from './endpoint.js';
import { EndpointRegistry } from './endpoint.registry.js';
import { HauynaWebSocket } from './hauyna-web-socket.js';
import { UpgradeRefusal, writeRefusal } from './http-refusal.js';
import { OriginPolicy } from './origin.policy.js';
import { checkUpgradeRequest, readTarget } from './request-gate.js';
import { closeCodeOf } from './refusal-codes.js';
import { UpgradeAuthenticator } from './upgrade.authenticator.js';
import { socketOptions } from './socket-options.js';

/** How long another listener may take to claim an upgrade that no gateway wants, ms. */
const FOREIGN_GRACE = 1000;

/** Takes upgrade requests from the path to the open WebSocket, or refuses them in a way the client can read. */
@Injectable()
export class UpgradeHandler {
  private readonly logger = new Logger('Hauyna');
  private readonly server: WebSocketServer;
  /** Stays on the socket as long as it lives, so it must hold on to nothing of the request. */
  private readonly onSocketError = (error: Error): void => this.logger.debug(`Upgrade: ${error.message}`);
  private pending = 0;
  private draining = false;
  /** What ends the waiting of upgrades that are not decided yet. */
  private readonly undecided = new Set<() => void>();

  constructor(
    private readonly options: ResolvedOptions,
    private readonly endpoints: EndpointRegistry,
    private readonly origins: OriginPolicy,
    private readonly authenticator: UpgradeAuthenticator,
    private readonly registry: ConnectionRegistry,
    private readonly resumes: ResumeRegistry,
    private readonly opener: ConnectionOpener,
    private readonly clock: Clock,
  ) {
    this.server = new WebSocketServer({
      ...socketOptions(options.limits, () => true),
      noServer: true,
      clientTracking: false,
      WebSocket: HauynaWebSocket,
    });
  }

  /** Refuses every upgrade from now on with 503, those that are being decided included. */
  startDraining(): void {
    this.draining = true;
    for (const end of [...this.undecided]) end();
  }

  /** Handles one `upgrade` event. Never throws. */
  handle(server: Server, port: number, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = readTarget(request);
    const match = target instanceof UpgradeRefusal ? undefined : this.endpoints.find(port, target.pathname);
    if (target instanceof UpgradeRefusal || match === undefined) {
      this.unclaimed(server, socket, target instanceof UpgradeRefusal ? target : NOT_FOUND);
      return;
    }
    const { endpoint, params } = match;
    const { pathname, query } = target;
    const upgrade = withValues(request, params, query);
    const opening: Opening = {
      endpoint,
      request: upgrade,
      socket,
      identity: null,
      pathname,
      params,
      query,
      dialect: PLAIN_DIALECT,
      offer: NO_OFFER,
    };
    try {
      this.check(opening);
      const identity = this.identify(endpoint, upgrade);
      // Who can be named at once is let in at once: a crowd that comes back should not queue twice.
      if (identity instanceof Promise) void this.wait(opening, head, identity);
      else this.grant(opening, head, identity);
    } catch (error) {
      this.refuse(opening, head, error);
    }
  }

  /** Everything that can be said without knowing who asks. @throws UpgradeRefusal */
  private check(opening: Opening): void {
    const { endpoint, request } = opening;
    checkUpgradeRequest(request);
    const protocols = request.headers['sec-websocket-protocol'];
    if (protocols !== undefined && endpoint.builtIn) {
      const offered = protocols.split(',').map((protocol) => protocol.trim());
      opening.dialect = chooseDialect(offered);
      if (opening.dialect === V1_DIALECT) opening.offer = decodeOffer(offered);
      addToken(request, opening.offer.token);
    }
    if (!this.origins.allows(request))
      throw new UpgradeRefusal(403, 'Connections from this origin are not allowed.');
    if (this.draining) throw restarting();
  }

  private async wait(opening: Opening, head: Buffer, identifying: Promise<Identity | null>): Promise<void> {
    // Without a listener, a client that resets the socket meanwhile would end the process.
    opening.socket.on('error', this.onSocketError);
    try {
      const identity = await this.inTime(identifying);
      if (this.draining) throw restarting();
      this.grant(opening, head, identity, true);
    } catch (error) {
      this.refuse(opening, head, error);
    }
  }

  /** @param guarded whether an error of the socket has been listened for meanwhile */
  private grant(opening: Opening, head: Buffer, identity: Identity | null, guarded = false): void {
    const { endpoint, request, socket, offer } = opening;
    if (socket.destroyed) return;
    if (!this.resumes.replaces(identity?.userId ?? null, placeOf(opening), offer.resume))
      this.checkUserLimit(identity);
    opening.identity = identity;
    (endpoint.native ?? this.server).handleUpgrade(request, socket, head, (webSocket) => {
      if (guarded) socket.off('error', this.onSocketError);
      this.opener.open(opening, webSocket);
    });
  }

  private refuse({ request, socket, dialect }: Opening, head: Buffer, error: unknown): void {
    if (socket.destroyed) return;
    const refusal = this.refusal(error);
    if (dialect === V1_DIALECT) this.closeWithReason(request, socket, head, refusal);
    else this.write(socket, refusal);
  }

  private write(socket: Duplex, refusal: UpgradeRefusal): void {
    socket.off('error', this.onSocketError).on('error', this.onSocketError);
    writeRefusal(socket, refusal);
  }

  private identify(endpoint: Endpoint, request: UpgradeRequest): Identity | null | Promise<Identity | null> {
    if (this.pending >= this.options.limits.pendingUpgrades) {
      throw new UpgradeRefusal(503, 'Too many connections are being opened.', { 'Retry-After': '1' });
    }
    return this.authenticator.identify(endpoint, request);
  }

  private async inTime(identifying: Promise<Identity | null>): Promise<Identity | null> {
    this.pending++;
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      const drained = (): void => reject(restarting());
      const deadline = this.clock.after(this.options.limits.upgradeTimeout, () =>
        reject(new UpgradeRefusal(504, 'Identifying the connection took too long.')),
      );
      this.undecided.add(drained);
      cancel = () => {
        this.clock.clear(deadline);
        this.undecided.delete(drained);
      };
    });
    try {
      return await Promise.race([identifying, late]);
    } finally {
      cancel();
      this.pending--;
    }
  }

  private checkUserLimit(identity: Identity | null): void {
    if (identity === null) return;
    if (this.registry.ofUser(identity.userId).size >= this.options.limits.connectionsPerUser) {
      const message = 'This user has too many connections.';
      throw new UpgradeRefusal(429, message, { 'Retry-After': '10' }, undefined, CloseCode.connectionLimit);
    }
  }

  /** A browser cannot read the status of a refused upgrade and would try for ever; our client gets a code it can read. */
  private closeWithReason(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    refusal: UpgradeRefusal,
  ): void {
    const code = refusal.closeCode ?? closeCodeOf(refusal.status);
    this.server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      const frame: DisconnectFrame = {
        type: 'disconnect',
        code,
        reason: refusal.message,
        reconnect: reconnects(code),
        ...retryAfter(refusal),
      };
      webSocket.send(V1_DIALECT.encode(frame) ?? '');
      webSocket.close(code, fitCloseReason(refusal.message));
    });
  }

  private refusal(error: unknown): UpgradeRefusal {
    if (error instanceof UpgradeRefusal) return error;
    this.logger.error('An upgrade failed', errorText(error));
    return new UpgradeRefusal(500, 'Internal server error');
  }

  /** An upgrade for none of our paths. */
  private unclaimed(server: Server, socket: Duplex, refusal: UpgradeRefusal): void {
    const { unknownPath } = this.options;
    // Without a listener, a client that resets the socket while nobody has taken it would end the process.
    socket.on('error', this.onSocketError);
    if (unknownPath === 'ignore') return;
    if (unknownPath === '404' || server.listenerCount('upgrade') <= 1) {
      this.write(socket, refusal);
      return;
    }
    // Somebody else may want it. Whoever does has written something by then.
    const written = bytesWritten(socket);
    const cancel = (): void => {
      this.clock.clear(timer);
      this.undecided.delete(end);
    };
    const end = (): void => {
      cancel();
      if (!socket.destroyed && bytesWritten(socket) === written) this.write(socket, refusal);
    };
    const timer = this.clock.after(FOREIGN_GRACE, end);
    this.undecided.add(end);
    socket.once('close', cancel);
  }
}

const NO_OFFER: SubprotocolOffer = Object.freeze({});
const NOT_FOUND = new UpgradeRefusal(404, 'No WebSocket route matches this path.');

/** What HTTP says in seconds, in ms. */
function retryAfter({ headers }: UpgradeRefusal): { retryAfter?: number } {
  const seconds = Number(headers['Retry-After'] ?? headers['retry-after']);
  return seconds > 0 ? { retryAfter: seconds * 1000 } : {};
}

function restarting(): UpgradeRefusal {
  return new UpgradeRefusal(503, 'The server is restarting.', { 'Retry-After': '1' });
}

function bytesWritten(socket: Duplex): number | undefined {
  return (socket as Duplex & { bytesWritten?: number }).bytesWritten;
}

/** Set one by one: the request keeps the layout the engine knows. */
function withValues(
  request: IncomingMessage,
  params: Record<string, string>,
  query: Record<string, string>,
): UpgradeRequest {
  const upgrade = request as UpgradeRequest;
  upgrade.params = params;
  upgrade.query = query;
  return upgrade;
}

/** Guards made for HTTP look for credentials in one place only. */
function addToken(request: UpgradeRequest, token: string | undefined): void {
  if (token === undefined) return;
  request.headers.authorization ??= `Bearer ${token}`;
  request.token = token;
}
