import { describe, expect, it } from 'vitest';
import { ChannelService, ConnectionService, HauynaGateway, PresenceService } from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const given = { providers: [ChatGateway], options: { channels: { announce: false } } };

async function connect(app: TestApp, user: string, channels: Record<string, object>): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`);
  for (const [channel, metadata] of Object.entries(channels)) {
    await client.request('subscribe_channel', { channel, metadata });
  }
  return client;
}

describe('a user in several channels', () => {
  it('is seen in each with the metadata given there', async () => {
    const app = await start(given);
    const presence = app.get(PresenceService);
    await connect(app, 'ana', { work: { role: 'lead', mood: 'busy' }, games: { nick: 'shadow' } });
    expect((await presence.list({ channel: 'work' }))['ana']?.metadata).toEqual({
      role: 'lead',
      mood: 'busy',
    });
    expect((await presence.list({ channel: 'games' }))['ana']?.metadata).toEqual({ nick: 'shadow' });
    expect((await app.get(ChannelService).presence('games'))['ana']?.metadata).toEqual({ nick: 'shadow' });
    expect(await presence.state('ana')).toEqual({ role: 'lead', mood: 'busy', nick: 'shadow' });
    expect((await presence.get('ana'))?.channels).toEqual(['work', 'games']);
  });

  it('leaving one does not end presence in the other', async () => {
    const app = await start(given);
    const watcher = await connect(app, 'watcher', { work: {}, games: {} });
    const ana = await connect(app, 'ana', { work: {}, games: {} });
    await drain(watcher);
    await ana.request('unsubscribe_channel', { channel: 'work' });
    expect(await drain(watcher)).toMatchObject([{ event: 'leave', user: 'ana', channel: 'work' }]);
    expect(await app.get(PresenceService).inChannel('games')).toEqual(['watcher', 'ana']);
    expect(await app.get(PresenceService).isPresent('ana')).toBe(true);
  });

  it('metadata of one channel is not told in another', async () => {
    const app = await start(given);
    const watcher = await connect(app, 'watcher', { games: {} });
    await drain(watcher);
    const ana = await connect(app, 'ana', { secret: { codename: 'x' }, games: { nick: 'shadow' } });
    expect(await drain(watcher)).toMatchObject([{ event: 'join', metadata: { nick: 'shadow' } }]);
    await ana.request('subscribe_channel', { channel: 'secret', metadata: { codename: 'y' } });
    await ana.request('unsubscribe_channel', { channel: 'secret' });
    await app.get(PresenceService).update('ana', { status: 'away' });
    await ana.close();
    expect(await watcher.next({ event: 'update' })).toMatchObject({
      metadata: { nick: 'shadow', status: 'away' },
    });
    expect(await watcher.next({ event: 'leave' })).toBeDefined();
    expect(JSON.stringify(watcher.received)).not.toContain('codename');
    expect(JSON.stringify(watcher.received)).not.toContain('secret');
  });

  it('an update of the user is told in each of their channels, once', async () => {
    const app = await start(given);
    const both = await connect(app, 'both', { a: {}, b: {} });
    const ana = await connect(app, 'ana', { a: { status: 'online' }, b: {} });
    await drain(both);
    await ana.request('presence_update', { metadata: { status: 'away' } });
    expect(await drain(both)).toMatchObject([
      { event: 'update', channel: 'a', metadata: { status: 'away', channel: 'a' } },
      { event: 'update', channel: 'b', metadata: { status: 'away', channel: 'b' } },
    ]);
  });

  it('criteria have to hold in one and the same channel', async () => {
    const app = await start(given);
    const presence = app.get(PresenceService);
    await connect(app, 'ana', { a: { role: 'agent' }, b: { role: 'guest' } });
    expect(await presence.isPresentIn('ana', { channel: 'a', role: 'agent' })).toBe(true);
    expect(await presence.isPresentIn('ana', { channel: 'b', role: 'agent' })).toBe(false);
    expect(await presence.countBy({ role: 'guest' })).toBe(1);
    expect(Object.keys(await presence.listBy({ channel: 'a', role: 'guest' }))).toEqual([]);
  });
});

describe('channels and groups together', () => {
  it('the server can subscribe somebody in a role, and list them by channel and role', async () => {
    const app = await start(given);
    const [channels, presence] = [app.get(ChannelService), app.get(PresenceService)];
    await app.connect('/chat?user_id=agent1');
    await connect(app, 'customer', { 'support-chat': { role: 'customer' } });
    const [agent] = await app.get(ConnectionService).ofUser('agent1');
    await channels.subscribe('support-chat', agent!, { group: 'support_team', role: 'agent' });
    const team = { channel: 'support-chat', group: 'support_team' };
    expect(Object.keys(await presence.listBy(team))).toEqual(['agent1']);
    expect(Object.keys(await presence.list(team))).toEqual(['agent1']);
    expect(await presence.countBy({ ...team, role: 'agent' })).toBe(1);
    expect(await presence.isPresentIn('agent1', team)).toBe(true);
    expect(await presence.isPresentIn('customer', team)).toBe(false);
    expect(await presence.inGroup('support_team')).toEqual(['agent1']);
    expect(await presence.countBy({ channel: 'elsewhere', group: 'support_team' })).toBe(0);
  });

  it('a client cannot put itself into a role', async () => {
    const app = await start(given);
    const client = await app.connect('/chat?user_id=mallory');
    const metadata = { group: 'support_team' };
    await expect(
      client.request('subscribe_channel', { channel: 'support-chat', metadata }),
    ).rejects.toMatchObject({
      error_type: 'validation_error',
    });
    expect(await app.get(PresenceService).inGroup('support_team')).toEqual([]);
  });
});
