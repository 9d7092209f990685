import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import {
  ChannelService,
  GroupService,
  HauynaGateway,
  HauynaModule,
  HauynaWsAdapter,
  OnChannelMessage,
  OnConnect,
  OnPresenceChange,
  QueryParam,
  UserId,
  identifyByQuery,
  type Connection,
  type PresenceChange,
} from '@hauyna/nestjs';
import { IsString, MaxLength } from 'class-validator';

class SayDto {
  @IsString()
  @MaxLength(500)
  text: string;
}

/** Messages, groups, channels, presence and heartbeats work without code. This adds a welcome, a check and a log. */
@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(
    private readonly groups: GroupService,
    private readonly channels: ChannelService,
  ) {}

  /** ws://localhost:3000/chat?user_id=123&room=general */
  @OnConnect()
  async welcome(
    @ConnectedSocket() client: Connection,
    @UserId() user: string | null,
    @QueryParam('room') room = 'general',
  ) {
    if (user === null) return;
    await this.groups.add(user, room);
    await this.groups.send(room, { type: 'user_joined', user });
    await this.channels.subscribe('general', client, { name: `User ${user}`, status: 'online' });
  }

  /** What is said in any channel is checked before anybody gets it. */
  @OnChannelMessage()
  say(@MessageBody() message: SayDto, @UserId() from: string | null) {
    return { from, text: message.text };
  }

  @OnPresenceChange({ channel: 'general' })
  seen({ event, userId }: PresenceChange) {
    console.log(`general: ${userId} ${event}`);
  }
}

@Module({
  imports: [HauynaModule.forRoot({ identify: identifyByQuery('user_id') })],
  providers: [ChatGateway],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.useWebSocketAdapter(app.get(HauynaWsAdapter));
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000);
console.log(`Listening on ${await app.getUrl()}`);
