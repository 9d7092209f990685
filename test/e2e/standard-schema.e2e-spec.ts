import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HauynaGateway, OnChannelMessage, OnMessage } from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

const Move = z.object({ x: z.number().int(), to: z.object({ y: z.string().trim().min(1) }) }).strict();
type Move = z.infer<typeof Move>;
const Later = z
  .object({ n: z.number() })
  .refine(async ({ n }) => Promise.resolve(n > 0), 'n must be positive');

@HauynaGateway({ path: '/game' })
class GameGateway {
  @OnMessage('move')
  move(@MessageBody({ schema: Move }) move: Move): Move {
    return move;
  }

  @OnMessage('move_to')
  moveTo(@MessageBody('to', { schema: Move.shape.to }) to: Move['to']): Move['to'] {
    return to;
  }

  @OnMessage('later')
  later(@MessageBody({ schema: Later }) body: { n: number }): number {
    return body.n;
  }

  @OnMessage('many')
  many(@MessageBody('list', { schema: z.array(z.number()).max(3) }) list: number[]): number {
    return list.length;
  }

  @OnChannelMessage('board:{id}')
  publish(@MessageBody({ schema: Move }) _move: Move): void {}
}

const start = useApps();
const connect = async () => (await start({ providers: [GameGateway] })).connect('/game');

describe('A schema given to @MessageBody({ schema })', () => {
  it('hands the parsed value to the method', async () => {
    const client = await connect();
    expect(await client.request('move', { x: 1, to: { y: '  a ' } })).toEqual({ x: 1, to: { y: 'a' } });
  });

  it('that does not match is a validation error with the path of every field', async () => {
    const client = await connect();
    const error: unknown = await client.request('move', { x: 1.5, to: { y: ' ' } }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      error_type: 'validation_error',
      details: [
        { path: 'x', messages: [expect.stringContaining('int') as unknown] },
        { path: 'to.y', messages: [expect.stringContaining('>=1') as unknown] },
      ],
    });
  });

  it('may refuse unknown keys', async () => {
    const client = await connect();
    await expect(client.request('move', { x: 1, to: { y: 'a' }, cheat: true })).rejects.toMatchObject({
      error_type: 'validation_error',
      message: expect.stringContaining('cheat') as unknown,
    });
  });

  it('of one field gives paths from the body on', async () => {
    const client = await connect();
    expect(await client.request('move_to', { to: { y: 'b' } })).toEqual({ y: 'b' });
    await expect(client.request('move_to', { to: { y: 7 } })).rejects.toMatchObject({
      details: [{ path: 'to.y' }],
    });
    await expect(client.request('move_to', {})).rejects.toMatchObject({ details: [{ path: 'to' }] });
  });

  it('may take its time', async () => {
    const client = await connect();
    expect(await client.request('later', { n: 1 })).toBe(1);
    await expect(client.request('later', { n: -1 })).rejects.toMatchObject({
      details: [{ path: '', messages: ['n must be positive'] }],
    });
  });

  it('makes arrays possible, which a type alone does not', async () => {
    const client = await connect();
    expect(await client.request('many', { list: [1, 2] })).toBe(2);
    await expect(client.request('many', { list: [1, 2, 3, 4] })).rejects.toMatchObject({
      details: [{ path: 'list' }],
    });
    await expect(client.request('many', { list: [1, 'x'] })).rejects.toMatchObject({
      details: [{ path: 'list.1' }],
    });
  });

  it('decides what a channel delivers: the parsed message', async () => {
    const client = await connect();
    await client.request('subscribe_channel', { channel: 'board:1' });
    await client.request('channel_message', { channel: 'board:1', message: { x: 1, to: { y: ' a ' } } });
    expect(await client.next({ x: 1 })).toEqual({ x: 1, to: { y: 'a' } });
    await expect(
      client.request('channel_message', { channel: 'board:1', message: { x: 'one' } }),
    ).rejects.toMatchObject({ error_type: 'validation_error' });
  });
});
