import { describe, expect, it } from 'vitest';
import { ChannelService, HauynaGateway, type HauynaModuleOptions } from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const begin = (options: HauynaModuleOptions = {}): Promise<TestApp> =>
  start({ providers: [ChatGateway], options });

async function listener(app: TestApp): Promise<TestClient> {
  const client = await app.connect('/chat?user_id=ana');
  await client.request('subscribe_channel', { channel: 'price' });
  await drain(client);
  return client;
}

describe('a broadcast with a version', () => {
  it('is published when it is newer, and left out when it is not', async () => {
    const app = await begin();
    const client = await listener(app);
    const channels = app.get(ChannelService);
    const put = (value: string, version: number): Promise<{ offset: number; duplicate: boolean }> =>
      channels.broadcast('price', value, { version });
    expect(await put('v5', 5)).toMatchObject({ offset: 1, duplicate: false });
    expect(await put('v3', 3)).toMatchObject({ offset: 1, duplicate: true });
    expect(await put('v5 again', 5)).toMatchObject({ offset: 1, duplicate: true });
    expect(await put('v6', 6)).toMatchObject({ offset: 2, duplicate: false });
    expect(await drain(client)).toEqual(['v5', 'v6']);
  });

  it('may begin with 0, and lives beside broadcasts that have none', async () => {
    const app = await begin();
    const client = await listener(app);
    const channels = app.get(ChannelService);
    await channels.broadcast('price', 'v0', { version: 0 });
    await channels.broadcast('price', 'plain');
    await channels.broadcast('price', 'v0 again', { version: 0 });
    await channels.broadcast('price', 'v1', { version: 1 });
    expect(await drain(client)).toEqual(['v0', 'plain', 'v1']);
  });

  it('counts for its channel only', async () => {
    const app = await begin();
    const client = await listener(app);
    await client.request('subscribe_channel', { channel: 'other' });
    await drain(client);
    const channels = app.get(ChannelService);
    await channels.broadcast('price', 'p', { version: 9 });
    await channels.broadcast('other', 'o', { version: 1 });
    expect(await drain(client)).toEqual(['p', 'o']);
  });

  it('is remembered as long as the channel keeps something, subscribers or not', async () => {
    const app = await begin({ channels: { history: { price: { size: 1, ttl: 60_000 } } } });
    const channels = app.get(ChannelService);
    await channels.broadcast('price', 'new', { version: 2 });
    expect(await channels.broadcast('price', 'old', { version: 1 })).toMatchObject({ duplicate: true });
    const { publications } = await channels.history('price');
    expect(publications.map(({ data }) => data)).toEqual(['new']);
  });

  it('and an idempotency key: the key is asked first', async () => {
    const app = await begin();
    const client = await listener(app);
    const channels = app.get(ChannelService);
    await channels.broadcast('price', 'v1', { version: 1, idempotencyKey: 'a' });
    const again = await channels.broadcast('price', 'v2', { version: 2, idempotencyKey: 'a' });
    expect(again).toMatchObject({ offset: 1, duplicate: true });
    await channels.broadcast('price', 'v2', { version: 2, idempotencyKey: 'b' });
    expect(await drain(client)).toEqual(['v1', 'v2']);
  });

  it('that is no whole number from 0 is refused', async () => {
    const app = await begin();
    const channels = app.get(ChannelService);
    for (const version of [-1, 1.5, Number.NaN, Infinity, '3' as unknown as number]) {
      await expect(channels.broadcast('price', 1, { version })).rejects.toMatchObject({
        type: 'validation_error',
      });
    }
  });

  it('is for the server alone: what a client sends along changes nothing', async () => {
    const app = await begin();
    const client = await listener(app);
    for (const version of [5, 1]) {
      await client.request('channel_message', { channel: 'price', message: version, version });
    }
    expect(await drain(client)).toEqual([5, 1]);
  });
});
