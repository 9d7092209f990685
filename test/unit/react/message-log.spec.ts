import { describe, expect, it } from 'vitest';
import { messageLog, type MessageLog } from '../../../lib/react/message-log.js';
import { FakeChannel, kept, settled } from './fake.channel.js';

const numbers = (log: MessageLog<number>): number[] => log.view().map(({ data }) => data);
const ignore = (): void => undefined;

describe('the messages useHistory shows', () => {
  it('begin with what the channel has kept, once it is subscribed, and go on with what comes', async () => {
    const fake = new FakeChannel();
    fake.kept = [kept(1), kept(2), kept(3)];
    const log = messageLog<number>(fake.channel, 'message', 2, 10);
    let changes = 0;
    log.follow(() => changes++);
    await settled();
    expect(fake.calls).toEqual([]);
    fake.move('subscribed');
    await settled();
    expect(fake.calls).toEqual(['history 2']);
    fake.message(4);
    expect(numbers(log)).toEqual([2, 3, 4]);
    expect(log.view()[0]?.meta).toMatchObject({ offset: 2, epoch: 'e', userId: null, recovered: true });
    expect(changes).toBe(2);
  });

  it('are there once each, in order, when messages come before the history does', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    fake.kept = [kept(3), kept(4), kept(5)];
    const log = messageLog<number>(fake.channel, 'message', 3, 10);
    log.follow(ignore);
    for (const offset of [1, 2, 3, 4, 5, 6]) fake.message(offset);
    await settled();
    expect(numbers(log)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are not doubled by a delivery the history was ahead of', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    fake.kept = [kept(1), kept(2)];
    const log = messageLog<number>(fake.channel, 'message', 10, 10);
    log.follow(ignore);
    await settled();
    fake.message(2);
    fake.message(3);
    fake.message(0);
    fake.message(0);
    expect(numbers(log)).toEqual([1, 2, 3, 0, 0]);
  });

  it('are filled from the history after a loss the channel could not make good, and only then', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    const log = messageLog<number>(fake.channel, 'message', 10, 10);
    log.follow(ignore);
    fake.message(1);
    await settled();
    for (const complete of [true, false]) {
      fake.move('subscribing');
      fake.kept = [kept(7, 'f'), kept(8, 'f')];
      fake.move('subscribed');
      fake.emit('$recovered', { complete, count: 0 });
      await settled();
    }
    expect(fake.calls).toEqual(['history 10', 'history 10']);
    expect(numbers(log)).toEqual([1, 7, 8]);
  });

  it('are those of one event, and at most `max`', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    fake.kept = [kept(1), kept(2, 'e', 'typing'), kept(3), kept(4)];
    const log = messageLog<number>(fake.channel, 'message', 10, 3);
    log.follow(ignore);
    await settled();
    expect(numbers(log)).toEqual([1, 3, 4]);
    fake.message(5, 'e', 'typing');
    fake.message(6);
    expect(numbers(log)).toEqual([3, 4, 6]);
  });

  it('are only the live ones when the history is not wanted, or cannot be read; then it is tried again', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    const live = messageLog<number>(fake.channel, 'message', 0, 10);
    live.follow(ignore);
    expect(fake.calls).toEqual([]);

    fake.refusal = new Error('timeout');
    fake.kept = [kept(1)];
    const log = messageLog<number>(fake.channel, 'message', 10, 10);
    log.follow(ignore);
    await settled();
    fake.message(2);
    expect(numbers(log)).toEqual([2]);
    fake.refusal = undefined;
    fake.move('subscribed');
    await settled();
    expect(numbers(log)).toEqual([1, 2]);
    expect(numbers(live)).toEqual([2]);
  });

  it('stay when the component stops following, which leaves no listener behind', () => {
    const fake = new FakeChannel();
    const log = messageLog<number>(fake.channel, 'message', 10, 10);
    const stop = log.follow(ignore);
    fake.message(1);
    stop();
    expect(fake.listeners).toBe(0);
    expect(numbers(log)).toEqual([1]);
  });
});
