import { describe, expect, it } from 'vitest';
import { HauynaClientError } from '../../../lib/client/client-error.js';
import { failure, FakeServer } from './fake-server.js';

describe('credentials', () => {
  it('go with the subprotocols, never with the URL', async () => {
    const server = new FakeServer();
    const client = server.client('ana', { token: 'gehéim/+' });
    void client.connect();
    await server.settle();
    const [socket] = server.sockets;
    expect(socket).toMatchObject({ token: 'gehéim/+', url: 'ws://fake/?user_id=ana' });
    expect(socket!.protocols.every((one) => /^[\w.-]+$/.test(one))).toBe(true);
    client.close();
  });

  it('are asked for once and kept until they are refused', async () => {
    const server = new FakeServer();
    const reasons: string[] = [];
    const client = server.client('ana', {
      token: async ({ reason }) => {
        reasons.push(reason);
        return `t${reasons.length}`;
      },
    });
    void client.connect();
    await server.settle();
    server.open()[0]!.end(1006);
    await server.advance(1000);
    server.open()[0]!.end(4301);
    await server.advance(1000);
    expect(reasons).toEqual(['initial', 'expired']);
    expect(server.sockets.map(({ token }) => token)).toEqual(['t1', 't1', 't2']);
    expect(client.state).toBe('connected');
    client.close();
  });

  it('are renewed at once when the application says so, and failure is told', async () => {
    const server = new FakeServer();
    let asked = 0;
    const client = server.client('ana', { token: () => `t${++asked}` });
    const sent: unknown[] = [];
    server.answers['refresh'] = ({ token }) => {
      sent.push(token);
      return sent.length === 1 ? { type: 'ack', data: {} } : failure('forbidden');
    };
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    void client.connect();
    await server.settle();
    await Promise.all([client.refresh(), server.settle()]);
    expect(sent).toEqual(['t2']);
    expect(errors).toEqual([]);
    await Promise.all([client.refresh(), server.settle()]);
    expect(errors).toEqual(['forbidden']);
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it.each([4001, 4301])('are renewed once after %i, and then it is over', async (code) => {
    const server = new FakeServer();
    server.admit = () => code;
    let asked = 0;
    const client = server.client('ana', { token: () => `t${++asked}` });
    const opening = client.connect().catch((error: unknown) => error);
    await server.advance(30_000);
    expect(client.state).toBe('closed');
    expect(await opening).toMatchObject({ code: 'closed', message: expect.stringContaining(String(code)) });
    expect(asked).toBe(2);
    expect(server.sockets).toHaveLength(2);
  });

  it('that cannot be renewed end it at once', async () => {
    const server = new FakeServer();
    server.admit = () => 4001;
    const client = server.client('ana', { token: 'fixed' });
    void client.connect().catch(() => undefined);
    await server.advance(5000);
    expect(client.state).toBe('closed');
    expect(server.sockets).toHaveLength(1);
  });

  it('that cannot be had for now are asked for again; a final error ends it', async () => {
    const server = new FakeServer();
    let asked = 0;
    const client = server.client('ana', {
      token: () => {
        if (++asked === 1) throw new Error('offline');
        throw new HauynaClientError('unauthorized', 'Please sign in.');
      },
    });
    const opening = client.connect().catch((error: unknown) => error);
    await server.advance(5000);
    expect(asked).toBe(2);
    expect(await opening).toMatchObject({ message: expect.stringContaining('Please sign in.') });
    expect(server.clock.pending).toBe(0);
  });

  it('are renewed on the open connection before they run out', async () => {
    const server = new FakeServer();
    server.welcome = { expiresIn: 60_000 };
    const refreshed: unknown[] = [];
    server.answers['refresh'] = ({ token }) => {
      refreshed.push(token);
      return refreshed.length === 1
        ? { type: 'ack', data: { expiresIn: 10_000 } }
        : { type: 'ack', data: {} };
    };
    let asked = 0;
    const client = server.client('ana', { token: () => `t${++asked}` });
    void client.connect();
    await server.advance(53_000);
    expect(refreshed).toEqual([]);
    await server.advance(1500);
    expect(refreshed).toEqual(['t2']);
    await server.advance(10_000);
    expect(refreshed).toEqual(['t2', 't3']);
    await server.advance(100_000);
    expect(asked).toBe(3);
    expect(server.sockets).toHaveLength(1);
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('that are not accepted are told, and tried again', async () => {
    const server = new FakeServer();
    server.welcome = { expiresIn: 1000 };
    server.answers['refresh'] = () => failure('unauthorized');
    const client = server.client('ana', { token: () => 'x' });
    const errors: HauynaClientError[] = [];
    client.on('error', (error) => errors.push(error));
    void client.connect();
    await server.advance(6000);
    expect(errors.map(({ code }) => code)).toEqual(['unauthorized', 'unauthorized']);
    client.close();
  });

  it('that come after the end or over another connection do no harm', async () => {
    const server = new FakeServer();
    server.welcome = { expiresIn: 1000 };
    const give: ((token: string) => void)[] = [];
    const client = server.client('ana', {
      token: ({ reason }) =>
        reason === 'initial' ? 'x' : new Promise<string>((resolve) => give.push(resolve)),
    });
    void client.connect();
    await server.advance(1000);
    expect(give).toHaveLength(1);
    client.close();
    give[0]!('late');
    await server.advance(20_000);
    expect(client.state).toBe('closed');
    expect(server.sockets).toHaveLength(1);
    expect(server.clock.pending).toBe(0);
  });

  it('of one life are not those of the next: who opens after a close may be somebody else', async () => {
    const server = new FakeServer();
    const give: ((token: string) => void)[] = [];
    const client = server.client('ana', {
      token: () => new Promise<string>((resolve) => give.push(resolve)),
    });
    void client.connect();
    await server.settle();
    client.close();
    give[0]!('of the first');
    await server.settle();
    void client.connect();
    await server.settle();
    expect(give).toHaveLength(2);
    give[1]!('of the second');
    await server.settle();
    expect(server.sockets.map(({ token }) => token)).toEqual(['of the second']);
    client.close();
  });
});
