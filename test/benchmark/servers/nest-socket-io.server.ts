import 'reflect-metadata';
import type { Server as HttpServer } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WebSocketGateway, WebSocketServer, type OnGatewayConnection } from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { EchoHandlers } from './nest.gateway.js';
import type { Peer } from './peer.js';

@WebSocketGateway({ transports: ['websocket'], pingInterval: 300_000, serveClient: false })
class BenchGateway extends EchoHandlers implements OnGatewayConnection {
  @WebSocketServer()
  server: Server;

  handleConnection(socket: Socket): void {
    socket.data = { userId: socket.handshake.query['user_id'] };
    if (socket.handshake.query['channel'] !== undefined) void socket.join('room');
  }
}

@Module({ providers: [BenchGateway] })
class AppModule {}

/** Nest with its adapter for Socket.IO. */
export async function start(): Promise<Peer> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(new IoAdapter(app));
  await app.listen(0);
  const { server: io } = app.get(BenchGateway);
  return {
    server: app.getHttpServer() as HttpServer,
    publish: (data) => io.to('room').emit('message', data),
  };
}
