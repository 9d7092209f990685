import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  HauynaGateway,
  OnDisconnect,
  identifyByQuery,
  type DisconnectInfo,
  type LimitOptions,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { turns, until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly ended: DisconnectInfo[] = [];

  @OnDisconnect()
  gone(_client: Connection, info: DisconnectInfo): void {
    this.ended.push(info);
  }
}

const start = useApps();

async function boot(limits: LimitOptions): Promise<{ app: TestApp; clock: ManualClock }> {
  const clock = new ManualClock();
  const options = { limits, identify: identifyByQuery('user_id') };
  return { clock, app: await start({ clock, providers: [ChatGateway], options }) };
}

const PART = 'x'.repeat(64_000);

/** Sends until the user's connection takes no more. @returns what was taken, in messages */
async function fill(app: TestApp, userId: string, most = 2000): Promise<number> {
  const connections = app.get(ConnectionService);
  for (let sent = 0; sent < most; sent++) {
    if ((await connections.sendToUser(userId, PART)) === 0) return sent;
    await turns(1);
  }
  throw new Error('It never stopped to take messages.');
}

describe('A receiver that does not read', () => {
  it('is given up on when too many bytes wait: 4103, and cut off soon after', async () => {
    const { app, clock } = await boot({ outboxBytes: 200_000 });
    const slow = await app.connect('/chat?user_id=slow');
    const [connection] = await app.get(ConnectionService).ofUser('slow');
    slow.pause();
    await fill(app, 'slow');
    expect(connection?.isOpen).toBe(false);
    clock.advance(1000);
    await until(() => app.get(ChatGateway).ended.length === 1);
    expect(app.get(ChatGateway).ended).toEqual([{ code: 4103, reason: 'slow consumer', clean: false }]);
    expect(await app.get(ConnectionService).count()).toBe(0);
  });

  it('does not keep others waiting: they get every message', async () => {
    const { app } = await boot({ outboxBytes: 200_000 });
    const [slow, quick] = await Promise.all([
      app.connect('/chat?user_id=slow'),
      app.connect('/chat?user_id=quick'),
    ]);
    for (const client of [slow, quick]) await client.request('subscribe_channel', { channel: 'room' });
    const [connection] = await app.get(ConnectionService).ofUser('slow');
    slow.pause();
    const channels = app.get(ChannelService);
    let sent = 0;
    while (connection?.isOpen === true && sent < 500) {
      await channels.broadcast('room', { n: sent, filler: PART });
      await quick.next({ n: sent }, 5000);
      sent++;
    }
    expect(connection?.isOpen).toBe(false);
    await channels.broadcast('room', { n: 'after' });
    await quick.next({ n: 'after' });
  });

  it('that begins to read again before it is too late gets everything, in order', async () => {
    const { app } = await boot({ outboxBytes: 50_000_000, outboxMessages: 5000 });
    const slow = await app.connect('/chat?user_id=slow');
    const connections = app.get(ConnectionService);
    const [connection] = await connections.ofUser('slow');
    slow.pause();
    let sent = 0;
    while ((connection?.bufferedAmount ?? 0) < 500_000) {
      await connections.sendToUser('slow', { n: sent++, filler: PART });
      await turns(1);
    }
    slow.resume();
    for (let n = 0; n < sent; n++) expect(await slow.next({ n }, 5000)).toMatchObject({ n });
    await until(() => connection?.bufferedAmount === 0);
  });
});

it('too many messages are too much as well, however small they are', async () => {
  const { app, clock } = await boot({ outboxMessages: 10, outboxBytes: Infinity });
  const slow = await app.connect('/chat?user_id=slow');
  slow.pause();
  await fill(app, 'slow');
  clock.advance(1000);
  await until(() => app.get(ChatGateway).ended.length === 1);
  expect(app.get(ChatGateway).ended[0]).toMatchObject({ code: 4103 });
});

it('a burst in one turn is no slow receiver: it is written, not held against anybody', async () => {
  const { app } = await boot({ outboxMessages: 10, outboxBytes: 1_000_000 });
  const client = await app.connect('/chat?user_id=ana');
  const [connection] = await app.get(ConnectionService).ofUser('ana');
  for (let n = 0; n < 200; n++) expect(connection?.send({ n })).toBe(true);
  await client.next({ n: 199 });
  expect(client.isOpen).toBe(true);
});
