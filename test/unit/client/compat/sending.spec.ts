import { describe, expect, it, vi } from 'vitest';
import { start } from './support.js';

describe('sending', () => {
  it('sends values as JSON and strings as they are', () => {
    const { client, last } = start();
    last().open();
    const sent = [{ type: 'x' }, [1], null, false, 'text'].map((value) => client.send(value));
    expect(sent).toEqual([true, true, true, true, true]);
    expect(last().sent).toEqual(['{"type":"x"}', '[1]', 'null', 'false', 'text']);
  });

  it('keeps what is sent before the connection is open, and sends it in order', () => {
    const { client, last } = start();
    expect([client.send('a'), client.send('b')]).toEqual([true, true]);
    client.on('open', () => client.send('c'));
    last().open();
    expect(last().sent).toEqual(['a', 'b', 'c']);
  });

  it('keeps what is sent while the socket is closing, for the next connection', () => {
    const { client, clock, last } = start();
    last().open();
    last().readyState = 2;
    expect([client.send('a'), client.send('b')]).toEqual([true, true]);
    last().end();
    client.send('c');
    clock.advance(1000);
    last().open();
    client.send('d');
    expect(last().sent).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps the order when the socket refuses a message', () => {
    const { client, last } = start();
    last().open();
    vi.spyOn(last(), 'send').mockImplementationOnce(() => {
      throw new Error('not now');
    });
    expect([client.send('a'), client.send('b')]).toEqual([true, true]);
    expect(last().sent).toEqual(['a', 'b']);
  });

  it('keeps the oldest bufferSize messages and refuses the rest', () => {
    const { client, last } = start({ bufferSize: 2 });
    expect(['a', 'b', 'c'].map((text) => client.send(text))).toEqual([true, true, false]);
    last().open();
    expect(last().sent).toEqual(['a', 'b']);
    expect(client.send('d')).toBe(true);
  });

  it('keeps nothing with bufferSize 0 but still sends', () => {
    const { client, last } = start({ bufferSize: 0 });
    expect(client.send('a')).toBe(false);
    last().open();
    expect(client.send('b')).toBe(true);
    expect(last().sent).toEqual(['b']);
  });

  it('sends the first frames of every connection before what waited', () => {
    const join = { type: 'subscribe_channel', channel: 'room' };
    const { client, clock, last } = start({ firstFrames: () => [join] });
    client.send('a');
    last().open();
    last().end();
    client.send('b');
    clock.advance(1000);
    last().open();
    expect(last().sent).toEqual([JSON.stringify(join), 'b']);
  });

  it('connects even if firstFrames fails', () => {
    const error = vi.fn();
    const failure = new Error('mine');
    const firstFrames = (): never => {
      throw failure;
    };
    const { client, last } = start({ logger: { error }, firstFrames });
    last().open();
    expect(client.state).toBe('open');
    expect(error).toHaveBeenCalledWith(expect.stringContaining('firstFrames'), failure);
  });

  it('refuses once it has stopped', () => {
    const { client, last } = start();
    last().open();
    last().end(4001);
    expect(client.send('a')).toBe(false);
    client.close();
    expect(client.send('a')).toBe(false);
  });

  it('never sends what waited for a session the server has ended', () => {
    const { client, last } = start();
    client.send('a');
    last().end(4001);
    client.reconnect();
    last().open();
    expect(last().sent).toEqual([]);
  });

  it('sends what waited when it is started again after it gave up', () => {
    const { client, last } = start({ maxReconnectAttempts: 0 });
    client.send('a');
    last().end();
    expect(client.state).toBe('failed');
    client.connect();
    last().open();
    expect(last().sent).toEqual(['a']);
  });

  it('says what is wrong with a value that cannot be sent', () => {
    const { client } = start();
    expect(() => client.send(undefined)).toThrow(/undefined has no JSON form/);
    expect(() => client.send(new Uint8Array(1))).toThrow(/binary/);
    expect(() => client.send(new ArrayBuffer(1))).toThrow(/binary/);
    expect(() => client.send(new Blob([]))).toThrow(/binary/);
  });
});
