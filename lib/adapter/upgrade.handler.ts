import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { WebSocketServer, type WebSocket } from 'ws';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { ResumeRegistry } from '../connection/resume.registry.js';
import { CloseCode, reconnects } from '../protocol/close-codes.js';
import { chooseDialect, PLAIN_DIALECT, V1_DIALECT } from '../protocol/dialect.js';
import { Clock } from '../protocol/clock.js';
import { decodeOffer } from '../protocol/subprotocol.js';
import type { Identity, UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { ConnectionOpener } from './connection.opener.js';
import type { EndpointMatch } from './endpoint.registry.js';
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
      ...socketOptions(options.limits),
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

  /** Handles one `upgrade` event. Never rejects. */
  async handle(
    server: Server,
    port: number,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    // Without a listener, a client that resets the socket while it is being identified would end the process.
    socket.on('error', this.onSocketError);
    let wantsReason = false;
    let match: EndpointMatch | undefined;
    try {
      const target = readTarget(request);
      match = target instanceof UpgradeRefusal ? undefined : this.endpoints.find(port, target.pathname);
      if (target instanceof UpgradeRefusal || match === undefined) {
        this.unclaimed(server, socket, target instanceof UpgradeRefusal ? target : NOT_FOUND);
        return;
      }
      checkUpgradeRequest(request);
      const { endpoint, params } = match;
      const protocols = offeredProtocols(request);
      const dialect = endpoint.builtIn ? chooseDialect(protocols) : PLAIN_DIALECT;
      wantsReason = dialect === V1_DIALECT;
      const offer = dialect === V1_DIALECT ? decodeOffer(protocols) : {};
      const upgrade = withToken(Object.assign(request, { params, query: target.query }), offer.token);
      if (!this.origins.allows(upgrade))
        throw new UpgradeRefusal(403, 'Connections from this origin are not allowed.');
      if (this.draining) throw restarting();
      const identity = await this.identify(match, upgrade);
      if (socket.destroyed) return;
      if (this.draining) throw restarting();
      if (!this.resumes.replaces(identity?.userId ?? null, offer.resume)) this.checkUserLimit(identity);
      const granted = { ...match, ...target, request: upgrade, identity, dialect, offer };
      (endpoint.native ?? this.server).handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('error', this.onSocketError);
        this.opener.open({ ...granted, webSocket, socket });
      });
    } catch (error) {
      if (socket.destroyed) return;
      const refusal = this.refusal(error);
      if (wantsReason) this.closeWithReason(request, socket, head, refusal);
      else writeRefusal(socket, refusal);
    }
  }

  private async identify(match: EndpointMatch, request: UpgradeRequest): Promise<Identity | null> {
    const { pendingUpgrades, upgradeTimeout } = this.options.limits;
    if (this.pending >= pendingUpgrades) {
      throw new UpgradeRefusal(503, 'Too many connections are being opened.', {
        'Retry-After': '1',
      });
    }
    const identifying = this.authenticator.identify(match.endpoint, request);
    if (!(identifying instanceof Promise)) return identifying;
    this.pending++;
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      const drained = (): void => reject(restarting());
      const deadline = this.clock.after(upgradeTimeout, () =>
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
      const reconnect = reconnects(code);
      const frame = {
        type: 'disconnect',
        code,
        reason: refusal.message,
        reconnect,
      };
      webSocket.send(V1_DIALECT.encode(frame as Parameters<typeof V1_DIALECT.encode>[0]) ?? '');
      webSocket.close(code, refusal.message.slice(0, 120));
    });
  }

  private refusal(error: unknown): UpgradeRefusal {
    if (error instanceof UpgradeRefusal) return error;
    this.logger.error('An upgrade failed', error instanceof Error ? error.stack : String(error));
    return new UpgradeRefusal(500, 'Internal server error');
  }

  /** An upgrade for none of our paths. */
  private unclaimed(server: Server, socket: Duplex, refusal: UpgradeRefusal): void {
    const { unknownPath } = this.options;
    if (unknownPath === 'ignore') return;
    if (unknownPath === '404' || server.listenerCount('upgrade') <= 1) {
      writeRefusal(socket, refusal);
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
      if (!socket.destroyed && bytesWritten(socket) === written) writeRefusal(socket, refusal);
    };
    const timer = this.clock.after(FOREIGN_GRACE, end);
    this.undecided.add(end);
    socket.once('close', cancel);
  }
}

const NOT_FOUND = new UpgradeRefusal(404, 'No WebSocket route matches this path.');

function restarting(): UpgradeRefusal {
  return new UpgradeRefusal(503, 'The server is restarting.', { 'Retry-After': '1' });
}

function bytesWritten(socket: Duplex): number | undefined {
  return (socket as Duplex & { bytesWritten?: number }).bytesWritten;
}

function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
}

/** Guards made for HTTP look for credentials in one place only. */
function withToken(
  request: IncomingMessage & Pick<UpgradeRequest, 'params' | 'query'>,
  token: string | undefined,
): UpgradeRequest {
  if (token === undefined) return request;
  request.headers.authorization ??= `Bearer ${token}`;
  return Object.assign(request, { token });
}
