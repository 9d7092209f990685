import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  GroupService,
  HauynaGateway,
  HauynaModule,
  OnHauynaEvent,
  EventService,
  PresenceService,
} from '../../lib/index.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Injectable()
class Job {
  readonly heard: unknown[] = [];

  constructor(
    private readonly channels: ChannelService,
    private readonly groups: GroupService,
    private readonly presence: PresenceService,
    private readonly connections: ConnectionService,
  ) {}

  @OnHauynaEvent('nightly')
  nightly(_connection: null, data: unknown): void {
    this.heard.push(data);
  }

  async run(): Promise<object> {
    await this.groups.add('ana', 'admins');
    await this.presence.track('ana', { status: 'online' });
    const { offset } = await this.channels.broadcast('news', { text: 'Hola' });
    return {
      members: await this.groups.members('admins'),
      present: await this.presence.isPresent('ana'),
      reached: await this.connections.broadcast('nobody there'),
      offset,
    };
  }
}

@Module({ imports: [HauynaModule.forRoot()], providers: [ChatGateway, Job] })
class AppModule {}

describe('An application without a server (createApplicationContext)', () => {
  it('needs no adapter, serves nobody, and has all services', async () => {
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(await app.get(Job).run()).toMatchObject({ members: ['ana'], present: true, reached: 0 });
    app.get(EventService).trigger('nightly', null, 7);
    expect(app.get(Job).heard).toEqual([7]);
    await app.close();
  });
});
