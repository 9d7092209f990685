import type { Channel, ChannelState, HauynaClientError, SubscribeOptions } from '../client/index.js';

/** A channel and how its subscription stands; a new object with every change. */
export interface ChannelView<C> {
  channel: Channel<C>;
  state: ChannelState;
  /** Why the channel was closed, or is not subscribed yet though it was tried; gone with the next state. */
  error: HauynaClientError | undefined;
}

/** One subscription, however many components use the channel. */
export interface SharedChannel<C> {
  /** What a server renders, and the browser at first. */
  readonly initial: ChannelView<C>;
  view: ChannelView<C>;
  /** One more user; the first one subscribes. @returns one less; the last one unsubscribes */
  join(notify: () => void, options?: SubscribeOptions): () => void;
}

const shared = new WeakMap<object, unknown>();

/** What the components share; the same object for the same channel, as the client gives the same channel for a name. */
export function sharedChannel<C>(channel: Channel<C>): SharedChannel<C> {
  return (shared.get(channel) as SharedChannel<C> | undefined) ?? share(channel);
}

function share<C>(channel: Channel<C>): SharedChannel<C> {
  const users = new Set<() => void>();
  let ours = false;
  const viewed = (state: ChannelState, error?: HauynaClientError): ChannelView<C> => ({
    channel,
    state,
    error,
  });
  const update = (error?: HauynaClientError): void => {
    self.view = viewed(channel.state, error);
    users.forEach((notify) => notify());
  };
  const self: SharedChannel<C> = {
    initial: viewed('idle'),
    view: viewed(channel.state),
    join(notify, options) {
      users.add(notify);
      // A channel the application has subscribed by itself stays as it is.
      if (channel.state === 'idle' || channel.state === 'closed') {
        ours = true;
        // What goes wrong is told by the channel, to every component.
        channel.subscribe(options).catch(() => undefined);
      }
      return () => {
        users.delete(notify);
        // One that is mounted in the same commit, as StrictMode does, keeps the subscription.
        queueMicrotask(() => {
          if (!ours || users.size > 0) return;
          ours = false;
          channel.unsubscribe().catch(() => undefined);
        });
      };
    },
  };
  channel.on('$state', ({ error }) => update(error));
  channel.on('$error', update);
  shared.set(channel, self);
  return self;
}
