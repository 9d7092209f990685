import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  EventService,
  GroupService,
  HauynaGateway,
  OnDisconnect,
  OnHauynaEvent,
  OnMessage,
  OnPresenceChange,
  PresenceService,
  identifyByQuery,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly heard: string[] = [];

  @OnMessage('size')
  size(client: Connection): string {
    return client.id;
  }

  @OnHauynaEvent('tick')
  tick(): void {
    this.heard.push('tick');
  }

  @OnPresenceChange()
  presence({ userId }: { userId: string }): void {
    this.heard.push(`presence ${userId}`);
  }

  @OnDisconnect()
  gone(client: Connection): void {
    this.heard.push(`gone ${String(client.userId)}`);
  }
}

const start = useApps();
const boot = (clock = new ManualClock()): Promise<TestApp> =>
  start({ clock, providers: [ChatGateway], options: { identify: identifyByQuery('user_id') } });

describe('Two applications in one process, of the same classes', () => {
  it('share no connections, channels, groups, presence or events', async () => {
    const [a, b] = await Promise.all([boot(), boot()]);
    const [inA, inB] = await Promise.all([a.connect('/chat?user_id=ana'), b.connect('/chat?user_id=ana')]);
    for (const client of [inA, inB]) await client.request('subscribe_channel', { channel: 'room' });
    await a.get(GroupService).add('ana', 'admins');
    expect(await b.get(GroupService).has('ana', 'admins')).toBe(false);
    await a.get(PresenceService).track('bob', { status: 'away' });
    expect(await b.get(PresenceService).isPresent('bob')).toBe(false);
    expect(await a.get(ConnectionService).broadcast('only a')).toBe(1);
    expect(await a.get(ConnectionService).sendToUser('ana', 'to ana of a')).toBe(1);
    await a.get(ChannelService).broadcast('room', 'room of a');
    await a.get(GroupService).send('admins', 'admins of a');
    a.get(EventService).trigger('tick');
    for (const text of ['only a', 'to ana of a', 'room of a', 'admins of a']) {
      expect(await inA.next((frame) => (frame as unknown) === text)).toBe(text);
    }
    await inB.fence();
    expect(inB.received.filter((frame) => typeof frame === 'string')).toEqual([]);
    expect(new Set(b.get(ChatGateway).heard)).toEqual(new Set(['presence ana']));
    expect(a.get(ChatGateway).heard).toContain('tick');
  });

  it('end apart: closing one leaves the other as it was', async () => {
    const clock = new ManualClock();
    const [a, b] = await Promise.all([boot(), boot(clock)]);
    const [inA, inB] = await Promise.all([a.connect('/chat?user_id=ana'), b.connect('/chat?user_id=bob')]);
    await a.app.close();
    expect((await inA.closed).code).toBe(1012);
    expect(await inB.request('size')).toBeTypeOf('string');
    const pinged = inB.nextPing();
    clock.advance(30_000);
    await pinged;
    expect((await b.connect('/chat')).isOpen).toBe(true);
    await until(() => a.get(ChatGateway).heard.includes('gone ana'));
    expect(b.get(ChatGateway).heard).not.toContain('gone ana');
  });

  it('may be started one after the other, again and again', async () => {
    for (let n = 0; n < 3; n++) {
      const app = await boot();
      expect(await (await app.connect('/chat')).request('size')).toBeTypeOf('string');
      await app.close();
    }
  });
});
