import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  HauynaGateway,
  OnDisconnect,
  PresenceService,
  identifyByQuery,
  type DisconnectInfo,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly ended: DisconnectInfo[] = [];

  @OnDisconnect()
  left(_client: Connection, info: DisconnectInfo): void {
    this.ended.push(info);
  }
}

const start = useApps();

function startAt(clock: ManualClock): Promise<TestApp> {
  return start({
    clock,
    providers: [ChatGateway],
    options: { identify: identifyByQuery('user_id'), presence: { leaveDelay: 5000 } },
  });
}

describe.each(['plain', 'v1'] as const)('A %s client that never answers a ping', (protocol) => {
  it('is closed with 4203 and cleaned up everywhere, and the others hear of it', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const alive = await app.connect('/chat?user_id=alive', { protocol });
    const mute = await app.connect('/chat?user_id=mute', { protocol, autoPong: false });
    for (const client of [alive, mute]) await client.request('subscribe_channel', { channel: 'room' });
    clock.advance(30_000);
    await alive.fence();
    clock.advance(30_000);
    expect(await mute.closed).toEqual({ code: 4203, reason: 'Heartbeat timeout' });
    expect(mute.pings).toBeGreaterThanOrEqual(1);
    const removed = { type: 'channel_event', event: 'subscription_removed', user: 'mute' };
    // A v1 client may go on where it was; a plain one cannot.
    if (protocol === 'plain') await alive.next(removed);
    else await alive.expectNone(removed);
    expect(await app.get(ConnectionService).count()).toBe(1);
    expect(await app.get(ConnectionService).ofUser('mute')).toEqual([]);
    expect(await app.get(ChannelService).subscribers('room')).toEqual(['alive']);
    expect(app.get(ChatGateway).ended).toEqual([{ code: 4203, reason: 'Heartbeat timeout', clean: false }]);
    // It may be back in a moment: presence waits.
    expect(await app.get(PresenceService).isPresent('mute')).toBe(true);
    clock.advance(5000);
    if (protocol === 'v1') await alive.next(removed);
    await alive.next({ type: 'presence_change', event: 'leave', user: 'mute' });
    expect(await app.get(PresenceService).isPresent('mute')).toBe(false);
  });
});

it('a client that does not read at all is cut off although it never answers the close frame', async () => {
  const clock = new ManualClock();
  const app = await startAt(clock);
  const hung = await app.connect('/chat?user_id=hung');
  await hung.request('subscribe_channel', { channel: 'room' });
  hung.pause();
  clock.advance(60_000);
  const connections = app.get(ConnectionService);
  // Nothing reaches it any more, and it gets a moment to answer.
  expect(await connections.sendToUser('hung', 'anybody there?')).toBe(0);
  clock.advance(3000);
  await until(async () => (await connections.count()) === 0, 'the connection is gone');
  expect(await app.get(ChannelService).subscriptionCount('room')).toBe(0);
  expect(app.get(ChatGateway).ended).toEqual([{ code: 4203, reason: 'Heartbeat timeout', clean: false }]);
});

it('a client that vanished without a word is taken for lost', async () => {
  const clock = new ManualClock();
  const app = await startAt(clock);
  const client = await app.connect('/chat?user_id=ana');
  await client.terminate();
  await until(() => app.get(ChatGateway).ended.length === 1);
  expect(app.get(ChatGateway).ended).toEqual([{ code: 1006, reason: '', clean: false }]);
});

it('a v1 client is told in a frame why it is closed, and that it may come back', async () => {
  const clock = new ManualClock();
  const app = await startAt(clock);
  const mute = await app.connect('/chat', { protocol: 'v1', autoPong: false });
  clock.advance(60_000);
  expect(await mute.next('disconnect')).toEqual({
    type: 'disconnect',
    code: 4203,
    reason: 'Heartbeat timeout',
    reconnect: true,
  });
});
