import 'reflect-metadata';
import type { Server } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, WebSocketGateway } from '@nestjs/websockets';
import {
  ChannelService,
  HauynaGateway,
  HauynaModule,
  HauynaWsAdapter,
  identifyByQuery,
  OnMessage,
} from '@hauyna/nestjs';
import { EchoDto } from './echo.dto.js';
import { EchoHandlers } from './nest.gateway.js';
import type { Peer } from './peer.js';

@HauynaGateway({ path: '/' })
class BenchGateway {
  @OnMessage('echo', { validate: false })
  echo(@MessageBody() body: unknown): unknown {
    return body;
  }

  @OnMessage('echo_dto')
  echoDto(@MessageBody() body: EchoDto): unknown {
    return body;
  }
}

/** A gateway without a word of Hauyna, served by Hauyna's adapter. */
@WebSocketGateway({ path: '/nest' })
class NestGateway extends EchoHandlers {}

@Module({
  imports: [
    HauynaModule.forRoot({
      identify: identifyByQuery('user_id'),
      // No peer tells the room who has come; what is compared is the way of one message.
      channels: { announce: false },
      // High enough never to refuse, finite so that the counting is paid for.
      limits: { messagesPerSecond: 1_000_000, burst: 1_000_000 },
    }),
  ],
  providers: [BenchGateway, NestGateway],
})
class AppModule {}

/** This library. */
export async function start(): Promise<Peer> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(app.get(HauynaWsAdapter));
  await app.listen(0);
  const channels = app.get(ChannelService);
  return {
    server: app.getHttpServer() as Server,
    publish: (data) => channels.broadcast('room', data),
  };
}
