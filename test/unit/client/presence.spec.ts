import { describe, expect, it } from 'vitest';
import { failure, FakeServer } from './fake-server.js';

async function start() {
  const server = new FakeServer();
  const [ana, luis] = [server.client('ana'), server.client('luis')];
  const room = ana.channel('room');
  const other = luis.channel('room');
  const log: string[] = [];
  for (const event of ['join', 'leave', 'update'] as const) {
    room.presence.on(event, (user, { metadata }) => log.push(`${event} ${user} ${JSON.stringify(metadata)}`));
  }
  room.presence.on('sync', (members) => log.push(`sync ${[...members.keys()].join()}`));
  let changes = 0;
  room.presence.on('change', (members) => {
    changes++;
    expect(members).toBe(room.presence.members);
  });
  const news = (): string[] => log.splice(0);
  const close = (): void => {
    ana.close();
    luis.close();
    expect(server.clock.pending).toBe(0);
  };
  return { server, ana, luis, room, other, news, close, changes: () => changes };
}

describe('presence', () => {
  it('shows who is here, and who comes, changes and goes', async () => {
    const { server, room, other, news, close, changes } = await start();
    void room.subscribe({ metadata: { colour: 'red' } });
    await server.settle();
    expect(news()).toEqual(['join ana {"colour":"red"}', 'sync ana']);
    void other.subscribe({ metadata: { colour: 'blue' } });
    await server.settle();
    void other.presence.update({ away: true });
    await server.settle();
    void other.presence.leave();
    await server.settle();
    expect(news()).toEqual([
      'join luis {"colour":"blue"}',
      'update luis {"colour":"blue","away":true}',
      'leave luis {"colour":"blue","away":true}',
    ]);
    expect([...room.presence.members]).toEqual([
      ['ana', { metadata: { colour: 'red' }, connections: 1, since: 0 }],
    ]);
    expect(other.state).toBe('subscribed');
    expect(changes()).toBe(4);
    close();
  });

  it('makes a new map with every change, for those who compare', async () => {
    const { server, room, other, close } = await start();
    void room.subscribe();
    await server.settle();
    const before = room.presence.members;
    void other.subscribe();
    await server.settle();
    expect(room.presence.members).not.toBe(before);
    expect(before.has('luis')).toBe(false);
    close();
  });

  it('tells after a loss what has happened meanwhile', async () => {
    const { server, ana, room, other, news, close } = await start();
    void room.subscribe();
    void other.subscribe({ metadata: { n: 1 } });
    const third = server.client('pia').channel('room');
    void third.subscribe();
    await server.settle();
    news();
    server.open('ana')[0]!.end(1006);
    await server.settle();
    expect([...room.presence.members.keys()]).toEqual(['ana', 'luis', 'pia']);
    void other.presence.update({ n: 2 });
    server.open('pia')[0]!.end(1000);
    const max = server.client('max');
    void max.channel('room').subscribe();
    await server.advance(1000);
    expect(ana.state).toBe('connected');
    expect(news()).toEqual([
      'leave pia {}',
      'update luis {"n":2}',
      'join max {}',
      expect.stringMatching(/^sync /),
    ]);
    max.close();
    close();
  });

  it('of oneself comes back with the connection as it was last', async () => {
    const { server, room, close } = await start();
    void room.subscribe({ metadata: { a: 1 } });
    await server.settle();
    void room.presence.update({ b: 2 });
    await server.settle();
    server.open('ana')[0]!.end(1006);
    const offline = room.presence.update({ c: 3 });
    await server.advance(1000);
    await offline;
    expect(server.members('room')['ana']!.metadata).toEqual({ a: 1, b: 2, c: 3 });
    void room.presence.leave();
    await server.settle();
    server.open('ana')[0]!.end(1006);
    await server.advance(1000);
    expect(server.members('room')).toEqual({});
    const entered = room.presence.enter({ d: 4 });
    await server.settle();
    await entered;
    expect(server.members('room')['ana']!.metadata).toEqual({ d: 4 });
    close();
  });

  it('that is declared when the connection breaks is declared by the next subscribe', async () => {
    for (const fate of ['break-before', 'break-after'] as const) {
      const { server, room, close } = await start();
      void room.subscribe();
      await server.settle();
      server.requestFates = [fate];
      const updated = room.presence.update({ b: 2 });
      await server.advance(1000);
      await updated;
      expect(server.members('room')['ana']!.metadata).toEqual({ b: 2 });
      expect(server.open('ana')[0]!.received).toHaveLength(1);
      close();
    }
  });

  it('does not come back after leaving the channel, whatever was under way', async () => {
    const { server, room, close } = await start();
    void room.subscribe();
    await server.settle();
    server.requestFates = ['break-before'];
    const updated = room.presence.update({ b: 2 }).then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
    void room.unsubscribe();
    await server.advance(1000);
    expect(await updated).toBe('closed');
    expect(server.members('room')).toEqual({});
    expect(room.state).toBe('idle');
    close();
  });

  it('enters a channel that is not subscribed by subscribing, and leaves none', async () => {
    const { server, room, close } = await start();
    await room.presence.leave();
    expect(server.sockets).toEqual([]);
    const entered = room.presence.enter({ a: 1 });
    await server.settle();
    await entered;
    expect(room.state).toBe('subscribed');
    expect(server.members('room')['ana']!.metadata).toEqual({ a: 1 });
    close();
  });

  it('that is declared while the subscribe is under way is what counts', async () => {
    const { server, room, close } = await start();
    const both = [room.subscribe({ metadata: { a: 1 } }), room.presence.update({ a: 2 })];
    await server.settle();
    const third = room.presence.update({ a: 3 });
    await server.settle();
    await Promise.all([...both, third]);
    expect(server.members('room')['ana']!.metadata).toEqual({ a: 3 });
    close();
  });

  it('that is refused is not said again', async () => {
    const { server, room, close } = await start();
    void room.subscribe({ metadata: { a: 1 } });
    await server.settle();
    server.answers['subscribe_channel'] = () => failure('validation_error');
    const refused = room.presence.update({ huge: true }).catch((error: unknown) => error);
    await server.settle();
    expect(await refused).toMatchObject({ code: 'validation_error' });
    delete server.answers['subscribe_channel'];
    server.open('ana')[0]!.end(1006);
    await server.advance(1000);
    expect(room.state).toBe('subscribed');
    expect(server.members('room')['ana']!.metadata).toEqual({ a: 1 });
    close();
  });

  it('is nobody after leaving, and one hears of that', async () => {
    const { server, room, close, changes } = await start();
    void room.subscribe();
    await server.settle();
    const before = changes();
    void room.unsubscribe();
    expect(room.presence.members.size).toBe(0);
    expect(changes()).toBe(before + 1);
    await server.settle();
    close();
  });

  it('can be awaited once, and takes odd names for names', async () => {
    const { server, room, close } = await start();
    const seen: string[] = [];
    room.presence.once('join', (user) => seen.push(user));
    void room.subscribe();
    await server.settle();
    const odd = server.client('__proto__');
    void odd.channel('room').subscribe();
    await server.settle();
    expect(seen).toEqual(['ana']);
    expect(room.presence.members.has('__proto__')).toBe(true);
    odd.close();
    await server.settle();
    close();
  });
});
