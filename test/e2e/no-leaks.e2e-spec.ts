import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  HauynaGateway,
  OnMessage,
  PresenceService,
  identifyByQuery,
} from '../../lib/index.js';
import { ConnectionRegistry } from '../../lib/connection/connection.registry.js';
import { HeartbeatService } from '../../lib/connection/heartbeat.service.js';
import { SessionRegistry } from '../../lib/adapter/session.registry.js';
import { ManualClock, createTestApp } from '../../lib/testing/index.js';
import { upgradeLines } from './support/raw-socket.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('ping')
  ping(): string {
    return 'pong';
  }
}

const start = useApps();
const options = { identify: identifyByQuery('user_id'), presence: { leaveDelay: 1000 } };

/** What keeps the process alive now. */
const resources = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout')
    .toSorted();

describe('After app.close()', () => {
  it('no timer of the library is left', async () => {
    const clock = new ManualClock();
    const app = await start({ clock, providers: [ChatGateway], options });
    const clients = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        app.connect(`/chat?user_id=u${n}&channel=room`, { protocol: 'v1' }),
      ),
    );
    for (const client of clients) await client.fence();
    await clients[0]?.terminate();
    expect(clock.pending).toBeGreaterThan(0);
    await app.app.close();
    expect(clock.pending).toBe(0);
  });

  it('no socket, server or other handle is left', async () => {
    const before = resources();
    const app = await createTestApp({ providers: [ChatGateway], options });
    const clients = await Promise.all(Array.from({ length: 5 }, () => app.connect('/chat')));
    for (const client of clients) expect(await client.request('ping')).toBe('pong');
    expect(resources().length).toBeGreaterThan(before.length);
    await app.close();
    await until(() => resources().length <= before.length, 'the handles are closed');
    expect(resources()).toEqual(before);
  });
});

describe('Coming and going', () => {
  it('leaves nothing of a connection behind: sessions, subscriptions, presence, heartbeats', async () => {
    const clock = new ManualClock();
    const app = await start({ clock, providers: [ChatGateway], options });
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(
        Array.from({ length: 10 }, (_, n) => app.connect(`/chat?user_id=u${n}`)),
      );
      for (const client of clients) await client.request('subscribe_channel', { channel: `room${round}` });
      await Promise.all(clients.map((client, n) => (n % 2 === 0 ? client.close() : client.terminate())));
      await until(() => app.get(SessionRegistry).size === 0);
    }
    clock.advance(1000);
    await until(async () => (await app.get(PresenceService).count()) === 0, 'presence is empty');
    expect(await app.get(ConnectionService).count()).toBe(0);
    expect([...app.get(ConnectionRegistry).users()]).toEqual([]);
    for (let round = 0; round < 10; round++) {
      expect(await app.get(ChannelService).subscriptionCount(`room${round}`)).toBe(0);
    }
    const { watches } = app.get(HeartbeatService) as unknown as { watches: Map<unknown, unknown> };
    expect(watches.size).toBe(0);
    // The broker keeps what it knows of the channels for a moment, then forgets them and stops looking.
    clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });

  it('upgrades that fail or are broken off leave nothing either', async () => {
    const clock = new ManualClock();
    const app = await start({
      clock,
      providers: [ChatGateway],
      options: {
        identify: ({ query }) => {
          if (query['pending'] !== undefined) return new Promise(() => undefined);
          throw new Error('no');
        },
      },
    });
    const { port } = new URL(app.url);
    for (let n = 0; n < 20; n++) await app.connect('/chat').catch(() => undefined);
    const sockets = Array.from({ length: 10 }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) socket.write(`${upgradeLines('/chat?pending=1').join('\r\n')}\r\n\r\n`);
    await until(() => clock.pending === 10);
    for (const socket of sockets) socket.destroy();
    clock.advance(10_000);
    await until(() => clock.pending === 0);
    expect(app.get(SessionRegistry).size).toBe(0);
  });
});
