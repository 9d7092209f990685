import { describe, expect, it, vi } from 'vitest';
import { sharedChannel } from '../../../lib/react/shared-channel.js';
import { FakeChannel, settled } from './fake.channel.js';

const ignore = (): void => undefined;

describe('a channel components share', () => {
  it('is subscribed by the first and left by the last', async () => {
    const fake = new FakeChannel();
    const shared = sharedChannel(fake.channel);
    const leave = [shared.join(ignore), shared.join(() => undefined)];
    expect(fake.calls).toEqual(['subscribe']);
    leave[0]!();
    await settled();
    expect(fake.calls).toEqual(['subscribe']);
    leave[1]!();
    await settled();
    expect(fake.calls).toEqual(['subscribe', 'unsubscribe']);
  });

  it('is one and the same for the same channel', () => {
    const { channel } = new FakeChannel();
    expect(sharedChannel(channel)).toBe(sharedChannel(channel));
    expect(sharedChannel(new FakeChannel().channel)).not.toBe(sharedChannel(channel));
  });

  it('is kept when a component leaves and comes back at once, as StrictMode does', async () => {
    const fake = new FakeChannel();
    const shared = sharedChannel(fake.channel);
    shared.join(ignore)();
    shared.join(ignore);
    await settled();
    expect(fake.calls).toEqual(['subscribe']);
  });

  it('is not left when the application has subscribed it by itself', async () => {
    const fake = new FakeChannel();
    fake.state = 'subscribed';
    const shared = sharedChannel(fake.channel);
    expect(shared.view.state).toBe('subscribed');
    expect(shared.initial.state).toBe('idle');
    shared.join(ignore)();
    await settled();
    expect(fake.calls).toEqual([]);
  });

  it('shows each state and error in a new object, to every component', () => {
    const fake = new FakeChannel();
    const shared = sharedChannel(fake.channel);
    const [first, second] = [vi.fn(), vi.fn()];
    shared.join(first);
    shared.join(second);
    expect(shared.view).toEqual({ channel: fake.channel, state: 'subscribing', error: undefined });
    const busy = new Error('rate_limited');
    fake.emit('$error', busy);
    const refused = shared.view;
    expect(refused).toEqual({ channel: fake.channel, state: 'subscribing', error: busy });
    fake.move('subscribed');
    expect(shared.view).toEqual({ channel: fake.channel, state: 'subscribed', error: undefined });
    expect(shared.view).not.toBe(refused);
    const gone = new Error('forbidden');
    fake.move('closed', gone);
    expect(shared.view).toMatchObject({ state: 'closed', error: gone });
    expect(first.mock.calls.length).toBe(4);
    expect(second.mock.calls.length).toBe(3);
  });

  it('has no error after it was left before the server had answered', async () => {
    const fake = new FakeChannel();
    const shared = sharedChannel(fake.channel);
    fake.refusal = new Error('forbidden');
    shared.join(ignore)();
    await settled();
    expect(fake.calls).toEqual(['subscribe', 'unsubscribe']);
    expect(shared.view).toEqual({ channel: fake.channel, state: 'idle', error: undefined });
  });

  it('is tried again by the next component after it was closed', async () => {
    const fake = new FakeChannel();
    const shared = sharedChannel(fake.channel);
    shared.join(ignore);
    fake.move('closed', new Error('forbidden'));
    shared.join(() => undefined);
    expect(fake.calls).toEqual(['subscribe', 'subscribe']);
  });
});
