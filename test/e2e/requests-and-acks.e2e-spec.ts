import { Ack, ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Connection, FrameMeta, HauynaGateway, OnMessage, type FrameInfo } from '../../lib/index.js';
import { type TestClient } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

type AckFn = (value?: unknown) => void;

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('value', { validate: false })
  value(@MessageBody('value') value: unknown): unknown {
    return value;
  }

  @OnMessage('nothing')
  nothing(): void {}

  @OnMessage('several')
  several(): Observable<number> {
    return of(1, 2, 3);
  }

  @OnMessage('meta', { validate: false })
  meta(@FrameMeta() meta: FrameInfo, @MessageBody() body: object): object {
    return { ...meta, body };
  }

  @OnMessage('ack')
  ack(@Ack() ack: AckFn): void {
    ack({ by: 'hand' });
  }

  @OnMessage('ack_late')
  late(@Ack() ack: AckFn): string {
    setImmediate(() => ack('late'));
    return 'not the answer';
  }

  @OnMessage('ack_twice')
  twice(@Ack() ack: AckFn): void {
    ack(1);
    ack(2);
  }

  @OnMessage('ack_then_fail')
  ackThenFail(@Ack() ack: AckFn): void {
    ack('done');
    throw new Error('secret');
  }

  @OnMessage('ack_never_fail')
  neverFail(@Ack() _ack: AckFn): void {
    throw new Error('secret');
  }

  @OnMessage('send_first', { validate: false })
  sendFirst(@ConnectedSocket() client: Connection): string {
    client.send('first');
    return 'second';
  }

  @OnMessage('close')
  close(@ConnectedSocket() client: Connection): string {
    client.close(4400, 'bye');
    return 'too late';
  }
}

@HauynaGateway({ path: '/all' })
class CatchAllGateway {
  @OnMessage()
  any(@FrameMeta() { type }: FrameInfo): string {
    return `any ${type}`;
  }

  @OnMessage('one')
  one(): string {
    return 'one';
  }
}

const start = useApps();
const connect = async (protocol: 'plain' | 'v1' = 'plain', path = '/chat'): Promise<TestClient> => {
  const client = await (
    await start({ providers: [ChatGateway, CatchAllGateway] })
  ).connect(path, { protocol });
  if (protocol === 'v1') await client.next('welcome');
  return client;
};

describe.each(['plain', 'v1'] as const)('A request of a %s client', (protocol) => {
  it('is answered exactly once, with its id', async () => {
    const client = await connect(protocol);
    for (const value of [0, false, '', null, [], { a: { b: 1 } }, 'text']) {
      client.send({ type: 'value', value, id: 7 });
      expect(await client.next()).toEqual({ type: 'ack', id: 7, data: value });
    }
    await client.expectNone();
  });

  it('whose method returns nothing is acknowledged without data', async () => {
    const client = await connect(protocol);
    client.send({ type: 'nothing', id: 'x' });
    expect(await client.next()).toEqual({ type: 'ack', id: 'x' });
  });

  it('whose method returns an Observable is answered with its last value', async () => {
    const client = await connect(protocol);
    expect(await client.request('several')).toBe(3);
    await client.expectNone();
  });

  it('@Ack() answers by hand, now or later, once; what is returned is not sent', async () => {
    const client = await connect(protocol);
    expect(await client.request('ack')).toEqual({ by: 'hand' });
    expect(await client.request('ack_late')).toBe('late');
    expect(await client.request('ack_twice')).toBe(1);
    expect(await client.request('ack_then_fail')).toBe('done');
    await expect(client.request('ack_never_fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    await client.expectNone();
  });

  it('comes after what the method has sent', async () => {
    const client = await connect(protocol);
    client.send({ type: 'send_first', id: 1 });
    await client.fence();
    const [first, second] = client.frames;
    expect(first).toEqual(
      protocol === 'v1' ? { type: 'message', via: 'connection', data: 'first' } : 'first',
    );
    expect(second).toEqual({ type: 'ack', id: 1, data: 'second' });
  });

  it('after its method has closed the connection gets nothing more', async () => {
    const client = await connect(protocol);
    client.send({ type: 'close', id: 1 });
    expect(await client.closed).toEqual({ code: 4400, reason: 'bye' });
    expect(client.received.filter((frame) => (frame as { type?: string }).type === 'ack')).toEqual([]);
  });
});

describe('A message without an id', () => {
  it('is answered with what the method returns, bare to a plain client, in an envelope to a v1 one', async () => {
    const plain = await connect();
    plain.send({ type: 'value', value: { a: 1 } });
    expect(await plain.next()).toEqual({ a: 1 });
    const v1 = await connect('v1');
    v1.send({ type: 'value', value: { a: 1 } });
    expect(await v1.next()).toEqual({ type: 'message', via: 'connection', data: { a: 1 } });
  });

  it('is not answered when the method returns nothing', async () => {
    const client = await connect();
    client.send({ type: 'nothing' });
    await client.expectNone();
  });

  it('as {event, data} is answered as it is, whatever the dialect', async () => {
    for (const protocol of ['plain', 'v1'] as const) {
      const client = await connect(protocol);
      client.send({ event: 'value', data: { value: { event: 'x', data: 1 } } });
      expect(await client.next()).toEqual({ event: 'x', data: 1 });
      client.send({ event: 'nobody' });
      expect(await client.next()).toMatchObject({
        event: 'exception',
        data: { status: 'error', error_type: 'unknown_type' },
      });
    }
  });
});

it('@MessageBody() is the frame without type and id; @FrameMeta() has those', async () => {
  const client = await connect();
  client.send({ type: 'meta', id: 9, a: 1, channel: 'c' });
  expect(await client.next()).toEqual({
    type: 'ack',
    id: 9,
    data: { type: 'meta', id: 9, params: {}, body: { a: 1, channel: 'c' } },
  });
});

it('@OnMessage("heartbeat") gets the heartbeats of its path, and answers them', async () => {
  @HauynaGateway({ path: '/beat' })
  class BeatGateway {
    @OnMessage('heartbeat')
    beat(): string {
      return 'alive';
    }
  }
  const client = await (await start({ providers: [BeatGateway] })).connect('/beat');
  expect(await client.request('heartbeat')).toBe('alive');
});

describe('@OnMessage() without a type', () => {
  it('gets what nobody else handles, and nothing that is built in', async () => {
    const client = await connect('plain', '/all');
    expect(await client.request('one')).toBe('one');
    expect(await client.request('two')).toBe('any two');
    expect(await client.request('__proto__')).toBe('any __proto__');
    expect(await client.request('subscribe_channel', { channel: 'a' })).toMatchObject({ channel: 'a' });
    client.send({ type: 'heartbeat' });
    await client.expectNone((frame) => JSON.stringify(frame).includes('any heartbeat'));
    expect(await client.request('heartbeat')).toBeUndefined();
  });
});
