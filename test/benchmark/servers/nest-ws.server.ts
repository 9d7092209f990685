import 'reflect-metadata';
import type { IncomingMessage, Server } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayDisconnect } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { EchoHandlers } from './nest.gateway.js';
import { queryOf, type Peer } from './peer.js';

@WebSocketGateway({ maxPayload: 65_536 })
class BenchGateway extends EchoHandlers implements OnGatewayConnection, OnGatewayDisconnect {
  readonly room = new Set<WebSocket>();
  readonly users = new Map<WebSocket, string | null>();

  handleConnection(client: WebSocket, request: IncomingMessage): void {
    const query = queryOf(request.url);
    this.users.set(client, query.get('user_id'));
    if (query.has('channel')) this.room.add(client);
  }

  handleDisconnect(client: WebSocket): void {
    this.users.delete(client);
    this.room.delete(client);
  }
}

@Module({ providers: [BenchGateway] })
class AppModule {}

/** Nest with its own adapter for `ws`; rooms and identity are written by hand, it has none. */
export async function start(): Promise<Peer> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0);
  const { room } = app.get(BenchGateway);
  return {
    server: app.getHttpServer() as Server,
    publish(data) {
      const text = JSON.stringify({ event: 'message', data });
      for (const client of room) client.send(text);
    },
  };
}
