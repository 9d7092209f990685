import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { WebSocketServer, type RawData } from 'ws';
import type { DiscoveredGateway } from '../gateway/discovered.js';
import { GatewayExplorer } from '../gateway/gateway.explorer.js';
import type { HandlerTable } from '../gateway/handler.table.js';
import { routesOf } from '../gateway/gateway.checks.js';
import { GATEWAY_CONFIG } from '../gateway/metadata-keys.js';
import { HauynaConfigurationError } from '../errors/hauyna.error.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import type { HandlerCallback } from '../router/session.js';
import { Connection } from '../connection/connection.js';
import { DrainService } from './drain.service.js';
import type { Endpoint } from './endpoint.js';
import { EndpointRegistry } from './endpoint.registry.js';
import { GatewayServer, type ConnectCallback } from './gateway-server.js';
import { guardHooks } from './guard-hooks.js';
import { HauynaWebSocket } from './hauyna-web-socket.js';
import { SessionRegistry } from './session.registry.js';
import { socketOptions } from './socket-options.js';
import { UpgradeHandler } from './upgrade.handler.js';

/** The application's own HTTP server. */
const MAIN_PORT = 0;

interface Listening {
  server: Server;
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

type CreateOptions = Record<string | symbol, unknown> & {
  path?: string;
  namespace?: string;
  server?: unknown;
};

/**
 * Connects Nest's gateways to WebSockets. Install it in `main.ts`, before `listen`:
 *
 * ```ts
 * app.useWebSocketAdapter(app.get(HauynaWsAdapter));
 * ```
 *
 * Plain `@WebSocketGateway` classes keep working on it as on `WsAdapter`, and gain heartbeat, limits, order and drain.
 */
@Injectable()
export class HauynaWsAdapter extends WsAdapter implements OnApplicationBootstrap {
  private readonly log = new Logger('Hauyna');
  private readonly listening = new Map<number, Listening>();
  /** Slots a table knows; the first connection fills it, the others find it complete. */
  private readonly slots = new WeakMap<HandlerTable, number>();
  private prepared = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly options: ResolvedOptions,
    private readonly explorer: GatewayExplorer,
    private readonly endpoints: EndpointRegistry,
    private readonly upgrades: UpgradeHandler,
    private readonly sessions: SessionRegistry,
    private readonly drainer: DrainService,
  ) {
    super();
  }

  /** Whether Nest has asked this adapter for a server; it has if it is installed and there is a gateway. */
  get isInUse(): boolean {
    return this.prepared;
  }

  override create(port: number, options: CreateOptions = {}): GatewayServer | WebSocketServer {
    this.prepare();
    if (options.namespace !== undefined) {
      throw new HauynaConfigurationError(
        `Plain WebSockets have no namespaces. Give the gateway a path instead of the namespace '${options.namespace}'.`,
      );
    }
    const target = options[GATEWAY_CONFIG];
    if (target !== undefined) return this.createGateway(target);
    return this.createNative(port, options);
  }

  override bindClientConnect(server: GatewayServer | WebSocketServer, callback: ConnectCallback): void {
    if (server instanceof GatewayServer) server.onConnect = callback;
    else super.bindClientConnect(server, callback);
  }

  override bindClientDisconnect(client: object, callback: (code: number) => void): void {
    this.sessions.of(client)?.addEndListener(callback);
  }

  override bindMessageHandlers(client: object, handlers: MessageMappingProperties[]): void {
    const session = this.sessions.of(client);
    if (session === undefined) return;
    const native = !(client instanceof Connection);
    const { table, callbacks } = session;
    // Every connection has these lists, so they are made to measure.
    const added = handlers.map(({ callback }) => callback as HandlerCallback);
    session.callbacks = callbacks.length === 0 ? added : [...callbacks, ...added];
    const known = this.slots.get(table) ?? 0;
    if (session.callbacks.length <= known) return;
    this.slots.set(table, session.callbacks.length);
    for (const [index, { message, isAckHandledManually }] of handlers.entries()) {
      const slot = callbacks.length + index;
      if (slot < known) continue;
      for (const route of routesOf(message)) {
        table.add({ route, slot, native, manualAck: isAckHandledManually });
      }
    }
  }

  /** A parser for plain clients, as with `WsAdapter`: returns `{ event, data }` or `{ type, … }`, or nothing to drop the message. */
  override setMessageParser(parser: (data: RawData) => unknown): void {
    super.setMessageParser(parser as Parameters<WsAdapter['setMessageParser']>[0]);
    this.sessions.parser = parser;
  }

  /** Ports of their own are opened last, when the application is ready for clients. */
  async onApplicationBootstrap(): Promise<void> {
    for (const [port, { server }] of this.listening) {
      if (port !== MAIN_PORT) await listen(server, port);
    }
  }

  /** Nest closes every server; the connections are drained once, whoever asks first. */
  override async close(server: GatewayServer | WebSocketServer): Promise<void> {
    await this.drainer.drain();
    if (!(server instanceof GatewayServer)) await new Promise((resolve) => server.close(resolve));
  }

  override async dispose(): Promise<void> {
    await this.drainer.drain();
    for (const [port, { server, onUpgrade }] of this.listening) {
      server.off('upgrade', onUpgrade);
      if (port !== MAIN_PORT) await end(server);
    }
    this.listening.clear();
    this.endpoints.clear();
  }

  /** Runs before Nest takes hold of the first gateway. */
  private prepare(): void {
    if (this.prepared) return;
    this.prepared = true;
    // Reading them checks all gateways, so a wrong one fails the boot before anything is served.
    void this.explorer.gateways;
    guardHooks(this.explorer.gatewayWrappers(), (client, succeeded) => {
      const session = this.sessions.of(client);
      if (session !== undefined) (session.opening ??= []).push(succeeded);
    });
  }

  private createGateway(target: unknown): GatewayServer {
    const { gateways } = this.explorer;
    const gateway = gateways.find(({ metatype }) => metatype === target) as DiscoveredGateway;
    const { port, path } = gateway.config;
    this.listenOn(port);
    const endpoint = this.endpoints.at(port, path);
    const server = endpoint.addGateway(gateway, gateways);
    this.log.log(`Mapped {${path}} WebSocket route${port === MAIN_PORT ? '' : ` on port ${port}`}`);
    return server;
  }

  private createNative(port: number, options: CreateOptions): WebSocketServer {
    const { path, namespace: _namespace, server: _server, ...wsOptions } = options;
    this.listenOn(port);
    // As with WsAdapter: a port of its own without a path takes every path.
    const endpoint = this.endpoints.at(
      port,
      path === undefined && port !== MAIN_PORT ? null : normalise(path),
    );
    endpoint.native ??= this.nativeServer(endpoint, wsOptions);
    return endpoint.native;
  }

  private nativeServer(endpoint: Endpoint, wsOptions: object): WebSocketServer {
    const server = new WebSocketServer({
      ...socketOptions(this.options.limits, () => endpoint.builtIn),
      ...wsOptions,
      noServer: true,
      WebSocket: HauynaWebSocket,
    });
    server.on('error', (error) => this.log.error(error));
    return server;
  }

  private listenOn(port: number): void {
    if (this.listening.has(port)) return;
    const server =
      port === MAIN_PORT ? (this.host.httpAdapter.getHttpServer() as Server) : createServer(notFound);
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      this.upgrades.handle(server, port, request, socket, head);
    };
    server.on('upgrade', onUpgrade);
    this.listening.set(port, { server, onUpgrade });
  }
}

/** Sockets that never became a WebSocket, and may never say anything, must not hold up the shutdown. */
async function end(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function normalise(path: string | undefined): string {
  const trimmed = (path ?? '').replace(/^\/+|\/+$/g, '');
  return `/${trimmed}`;
}

/** A port that only serves WebSockets says so to plain HTTP. */
const notFound: Parameters<typeof createServer>[1] = (_request, response) => {
  response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket' });
  response.end('This port serves WebSockets only.\n');
};
