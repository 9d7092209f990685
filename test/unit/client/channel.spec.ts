import { describe, expect, it, vi } from 'vitest';
import type { ClientOptions } from '../../../lib/client/options.js';
import { failure, FakeServer } from './fake-server.js';

function start(options: ClientOptions = {}) {
  const server = new FakeServer();
  const client = server.client('ana', options);
  const room = client.channel('room');
  const log: unknown[] = [];
  room.on('message', (data) => log.push(data));
  room.on('$state', ({ from, to, error }) => log.push(`${from}>${to}${error ? ` ${error.code}` : ''}`));
  room.on('$recovered', ({ complete, count }) => log.push(`recovered ${complete} ${count}`));
  room.on('$error', ({ code }) => log.push(`error ${code}`));
  /** What happened since it was last asked. */
  const news = (): unknown[] => log.splice(0);
  return { server, client, room, news };
}

async function subscribed(options: ClientOptions = {}) {
  const all = start(options);
  void all.room.subscribe();
  await all.server.settle();
  all.news();
  return { ...all, socket: all.server.open('ana')[0]! };
}

const outcome = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('a channel', () => {
  it('is the same object for the same name', () => {
    const { client, room } = start();
    expect(client.channel('room')).toBe(room);
    expect(client.channel('__proto__')).not.toBe(room);
  });

  it('tells what a message is besides its data', async () => {
    const { server, client, room } = await subscribed();
    const told = vi.fn<(data: unknown, meta: object) => void>();
    room.on('said', told);
    const { epoch } = server.publish('room', { text: 'hola' }, { user: 'luis', event: 'said' });
    await server.settle();
    expect(told).toHaveBeenCalledExactlyOnceWith(
      { text: 'hola' },
      { offset: 1, epoch, userId: 'luis', at: server.clock.now(), event: 'said', recovered: false },
    );
    expect(room.offset).toBe(1);
    client.close();
  });

  it('comes back with a client that was closed and is opened again, unless it was refused or left', async () => {
    const { server, client, room, news } = await subscribed();
    const left = client.channel('left');
    await Promise.all([left.subscribe(), server.settle()]);
    await Promise.all([left.unsubscribe(), server.settle()]);
    client.close();
    expect(room.state).toBe('closed');
    server.publish('room', 'meanwhile');
    await Promise.all([client.connect(), server.settle()]);
    expect(room.state).toBe('subscribed');
    expect(left.state).toBe('idle');
    expect(news()).toContain('meanwhile');
    client.close();
  });

  it('begins where since says, and delivers that before subscribe() is through', async () => {
    const { server, client, room, news } = start();
    for (const data of [1, 2, 3]) server.publish('room', data);
    const through = room.subscribe({ since: { last: 2 } }).then(() => news());
    await server.settle();
    expect(await through).toEqual(['idle>subscribing', 2, 3, 'subscribing>subscribed']);
    client.close();
  });

  it('says whether a position of an earlier life could be continued', async () => {
    const { server, client, room, news } = start();
    for (const data of [1, 2, 3]) server.publish('room', data);
    const { epoch } = server.channel('room');
    void room.subscribe({ since: { offset: 1, epoch } });
    await server.settle();
    expect(news()).toEqual(['idle>subscribing', 2, 3, 'subscribing>subscribed', 'recovered true 2']);
    void room.unsubscribe();
    void room.subscribe({ since: { offset: 1, epoch: 'another' } });
    await server.settle();
    expect(news()).toEqual([
      'subscribed>idle',
      'idle>subscribing',
      'subscribing>subscribed',
      'recovered false 0',
    ]);
    client.close();
  });

  it('comes back by itself and says what it brought', async () => {
    const { server, client, news, room, socket } = await subscribed();
    server.publish('room', 1);
    await server.settle();
    socket.end(1006);
    await server.settle();
    expect(room.state).toBe('subscribing');
    server.publish('room', 2);
    server.publish('room', 3);
    await server.advance(1000);
    server.publish('room', 4);
    await server.settle();
    expect(news()).toEqual([
      1,
      'subscribed>subscribing',
      2,
      3,
      'subscribing>subscribed',
      'recovered true 2',
      4,
    ]);
    client.close();
  });

  it('says so when some are lost for good', async () => {
    const { server, client, news, socket } = await subscribed();
    server.publish('room', 1);
    await server.settle();
    socket.end(1006);
    await server.settle();
    server.publish('room', 2);
    server.publish('room', 3);
    server.channel('room').kept.splice(0, 2);
    await server.advance(1000);
    server.publish('room', 4);
    await server.settle();
    expect(news().slice(-3)).toEqual(['subscribing>subscribed', 'recovered false 0', 4]);
    client.close();
  });

  it('notices a gap, an early one, a repeated one and the place of one for others', async () => {
    const { server, client, news, room, socket } = await subscribed();
    server.pushFates = ['lost', 'ok', 'twice'];
    for (const data of [1, 2]) server.publish('room', data);
    await server.settle();
    expect(news()).toEqual(['subscribed>subscribing', 1, 2, 'subscribing>subscribed', 'recovered true 2']);
    server.publish('room', 3);
    await server.settle();
    expect(news()).toEqual([3]);
    server.publish('room', 4, { except: socket });
    server.publish('room', 5);
    await server.settle();
    expect(news()).toEqual([5]);
    // Behind a lost one the place alone shows that something is missing.
    server.pushFates = ['lost'];
    server.publish('room', 6);
    server.publish('room', 7, { except: socket });
    await server.settle();
    expect(news()).toContain(6);
    // Late and repeated places change nothing.
    socket.push({ type: 'position', channel: 'room', offset: 2, epoch: server.channel('room').epoch });
    await server.settle();
    expect(room.offset).toBe(7);
    expect(news()).toEqual([]);
    client.close();
  });

  it('keeps what comes while a subscribe is under way', async () => {
    const { server, client, news, socket } = await subscribed();
    const { epoch } = server.channel('room');
    const publication = (offset: number) => ({
      type: 'publication',
      channel: 'room',
      event: 'message',
      data: offset,
      offset,
      epoch,
      user: null,
      at: 0,
    });
    server.channel('room').offset = 3;
    server.answers['subscribe_channel'] = () => {
      // Not in the answer, and before it on the wire.
      socket.push(publication(4));
      return {
        type: 'ack',
        data: {
          epoch,
          offset: 3,
          wasRecovering: true,
          recovered: true,
          publications: [1, 2, 3].map(publication),
        },
      };
    };
    socket.push(publication(3));
    await server.settle();
    expect(news().filter((one) => typeof one === 'number')).toEqual([1, 2, 3, 4]);
    // An answer that reaches further back than it was asked.
    server.answers['subscribe_channel'] = () => ({
      type: 'ack',
      data: {
        epoch,
        offset: 6,
        wasRecovering: true,
        recovered: true,
        publications: [3, 4, 5, 6].map(publication),
      },
    });
    socket.push(publication(6));
    await server.settle();
    expect(news().filter((one) => typeof one === 'number')).toEqual([5, 6]);
    client.close();
  });

  it('does not tell twice what was published twice because the server had forgotten', async () => {
    const { server, client, news } = await subscribed();
    server.publish('room', 'x', { user: 'luis', id: 'k' });
    server.channel('room').keys.clear();
    server.publish('room', 'x', { user: 'luis', id: 'k' });
    server.publish('room', 'y', { user: 'pia', id: 'k' });
    await server.settle();
    expect(news()).toEqual(['x', 'y']);
    client.close();
  });

  it('tells volatile messages as they come, without a place', async () => {
    const { server, client, news, room } = await subscribed();
    server.publish('room', 'typing', { volatile: true });
    await server.settle();
    expect(news()).toEqual(['typing']);
    expect(room.offset).toBe(0);
    client.close();
  });

  it('publishes with an event, an id, and a position as the answer', async () => {
    const { server, client, room, socket } = await subscribed();
    const first = room.publish({ text: 'a' }, { event: 'said', id: 'mine' });
    const again = room.publish({ text: 'a' }, { event: 'said', id: 'mine' });
    const another = room.publish({ text: 'b' });
    await server.settle();
    expect(await first).toMatchObject({ offset: 1 });
    expect(await again).toMatchObject({ offset: 1 });
    expect(await another).toMatchObject({ offset: 2 });
    expect(socket.received.filter(({ type }) => type === 'channel_message')).toMatchObject([
      { message: { text: 'a' }, event: 'said', idempotencyKey: 'mine' },
      { message: { text: 'a' }, event: 'said', idempotencyKey: 'mine' },
      { message: { text: 'b' }, idempotencyKey: expect.stringMatching(/.{6}/) },
    ]);
    const kept = room.history({ limit: 2, reverse: true });
    await server.settle();
    expect(await kept).toMatchObject({ offset: 2, publications: [{ offset: 1 }, { offset: 2 }] });
    expect(socket.received.at(-1)).toMatchObject({ type: 'history', limit: 2, reverse: true });
    client.close();
  });

  it('hears a channel the server has put it in, without asking', async () => {
    const { server, client, news } = start();
    void client.connect();
    await server.settle();
    server.open()[0]!.subscriptions.set('room', { metadata: {}, present: false });
    server.publish('room', 1);
    await server.settle();
    expect(news()).toEqual([1]);
    client.close();
  });
});

describe('subscribing', () => {
  it('that is refused is told, and can be tried again', async () => {
    const { server, client, room, news } = start();
    server.answers['subscribe_channel'] = () => failure('forbidden');
    const refused = outcome(room.subscribe());
    await server.settle();
    expect(await refused).toBe('forbidden');
    expect(news()).toEqual(['idle>subscribing', 'subscribing>closed forbidden', 'error forbidden']);
    delete server.answers['subscribe_channel'];
    const again = outcome(room.subscribe());
    await server.settle();
    expect(await again).toBe('ok');
    client.close();
  });

  it('that fails for the moment is told, and tried again by itself', async () => {
    const { server, client, room, news } = start();
    server.answers['subscribe_channel'] = () => failure('rate_limited', { retryable: true });
    const refused = outcome(room.subscribe());
    await server.settle();
    expect(await refused).toBe('rate_limited');
    expect(room.state).toBe('subscribing');
    delete server.answers['subscribe_channel'];
    await server.advance(1000);
    expect(room.state).toBe('subscribed');
    expect(news()).toContain('error rate_limited');
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('leaves no timer of a retry behind, however the channel ends', async () => {
    for (const end of ['unsubscribe', 'close'] as const) {
      const { server, client, room } = start();
      server.answers['subscribe_channel'] = () => failure('unavailable', { retryable: true });
      void room.subscribe();
      await server.settle();
      const asked = server.open()[0]!.received.length;
      if (end === 'close') client.close();
      else void room.unsubscribe();
      await server.settle();
      const { pending } = server.clock;
      // The heartbeat of a connection that stands.
      expect(pending).toBe(end === 'close' ? 0 : 1);
      await server.advance(10_000);
      expect(server.sockets[0]!.received.filter(({ type }) => type === 'subscribe_channel')).toHaveLength(
        asked,
      );
      client.close();
    }
  });

  it('after a loss that is refused closes the channel, and nobody has to catch anything', async () => {
    const { server, client, room, news, socket } = await subscribed();
    server.answers['subscribe_channel'] = () => failure('forbidden');
    socket.end(1006);
    await server.advance(1000);
    expect(room.state).toBe('closed');
    expect(news()).toEqual(['subscribed>subscribing', 'subscribing>closed forbidden', 'error forbidden']);
    expect(room.presence.members.size).toBe(0);
    client.close();
  });

  it('over a loss is asked again on the new connection, not remembered from the old one', async () => {
    for (const fate of ['break-before', 'break-after', 'lost'] as const) {
      const { server, client, room, news } = start();
      server.requestFates = [fate];
      const through = outcome(room.subscribe());
      await server.settle();
      if (fate === 'lost') server.open()[0]!.end(1006);
      await server.advance(1000);
      expect(await through).toBe('ok');
      server.publish('room', 1);
      await server.settle();
      expect(news()).toContain(1);
      client.close();
    }
  });

  it('twice at once is one subscribe for both', async () => {
    const { server, client, room } = start();
    const both = Promise.all([room.subscribe(), room.subscribe()]);
    await server.settle();
    await both;
    expect(server.open()[0]!.received.map(({ type }) => type)).toEqual(['subscribe_channel']);
    client.close();
  });

  it('has the last word: leave and come, come and leave, in one turn', async () => {
    const { server, client, room, news } = start();
    const first = outcome(room.subscribe());
    await server.settle();
    const left = room.unsubscribe();
    const second = outcome(room.subscribe());
    await server.settle();
    await left;
    expect([await first, await second, room.state]).toEqual(['ok', 'ok', 'subscribed']);
    expect(server.open()[0]!.subscriptions.has('room')).toBe(true);
    void room.unsubscribe();
    const third = outcome(room.subscribe());
    const leaving = room.unsubscribe();
    await server.settle();
    await leaving;
    expect([await third, room.state]).toEqual(['aborted', 'idle']);
    expect(server.open()[0]!.subscriptions.has('room')).toBe(false);
    news();
    server.publish('room', 1);
    await server.settle();
    expect(news()).toEqual([]);
    client.close();
  });

  it('again right after close() is a new wish', async () => {
    const { server, client, room } = start();
    const first = outcome(room.subscribe());
    await server.settle();
    server.open()[0]!.end(1006);
    client.close();
    const second = outcome(room.subscribe());
    await server.advance(1000);
    expect([await first, await second, room.state]).toEqual(['ok', 'ok', 'subscribed']);
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('survives its own timeout and abort as a wish', async () => {
    const { server, client, room } = start();
    server.online = false;
    const controller = new AbortController();
    const both = [
      outcome(room.subscribe({ timeout: 100 })),
      outcome(room.subscribe({ signal: controller.signal })),
    ];
    await server.advance(200);
    controller.abort();
    expect(await Promise.all(both)).toEqual(['timeout', 'aborted']);
    server.online = true;
    await server.advance(3000);
    expect(room.state).toBe('subscribed');
    client.close();
  });

  it('continues after close() where it was', async () => {
    const { server, client, room, news } = await subscribed();
    server.publish('room', 1);
    await server.settle();
    client.close();
    expect(room.state).toBe('closed');
    server.publish('room', 2);
    void room.subscribe();
    await server.settle();
    expect(news()).toEqual([
      1,
      'subscribed>closed closed',
      'closed>subscribing',
      2,
      'subscribing>subscribed',
      'recovered true 1',
    ]);
    client.close();
  });

  it('can be taken back by a listener, in the middle of what is brought', async () => {
    const { server, client, room, news } = start();
    for (const data of [1, 2, 3]) server.publish('room', data);
    room.on('message', (data) => {
      if (data === 2) void room.unsubscribe();
    });
    const through = outcome(room.subscribe({ since: { last: 3 } }));
    await server.settle();
    expect(await through).toBe('aborted');
    expect(room.state).toBe('idle');
    expect(news()).toEqual(['idle>subscribing', 1, 2, 'subscribing>idle']);
    expect(server.open()[0]!.subscriptions.size).toBe(0);
    client.close();
  });
});

describe('leaving', () => {
  it('is harmless twice, and done with when the connection is lost', async () => {
    const { server, client, room, socket } = await subscribed();
    server.requestFates = ['break-before'];
    const left = room.unsubscribe();
    await room.unsubscribe();
    await server.advance(1000);
    await left;
    expect(socket.readyState).toBe(3);
    expect(server.open()[0]!.received).toEqual([]);
    client.close();
  });

  it('forgets the position, the metadata and what is still under way', async () => {
    const { server, client, room, news } = await subscribed();
    void room.presence.update({ away: true });
    await server.settle();
    server.publish('room', 1);
    server.publish('room', 2, { volatile: true });
    void room.unsubscribe();
    await server.settle();
    expect(news()).toEqual(['subscribed>idle']);
    expect(room.offset).toBeUndefined();
    void room.subscribe();
    await server.settle();
    expect(server.open()[0]!.received.at(-1)).toEqual({
      type: 'subscribe_channel',
      id: expect.any(Number),
      channel: 'room',
    });
    client.close();
  });

  it('because the server says so closes the channel, or subscribes again for a gap', async () => {
    const { server, client, room, news, socket } = await subscribed();
    server.drop(socket, 'room', 'gap', true);
    server.publish('room', 1);
    await server.settle();
    expect(news()).toEqual(['subscribed>subscribing', 1, 'subscribing>subscribed', 'recovered true 1']);
    server.drop(socket, 'room', 'forbidden', false);
    await server.settle();
    expect(news()).toEqual(['subscribed>closed forbidden', 'error forbidden']);
    expect(room.presence.members.size).toBe(0);
    void room.subscribe();
    await server.settle();
    server.drop(socket, 'room', 'server', false);
    await server.settle();
    expect(news().at(-1)).toBe('error closed');
    client.close();
  });
});
