import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type {
  Channel,
  ChannelEvents,
  ChannelName,
  ChannelOf,
  ClientState,
  EventsOf,
  HauynaClient,
  Members,
  PresenceOf,
  SubscribeOptions,
} from '../client/index.js';
import { messageLog, NONE, type Messages } from './message-log.js';
import { sharedChannel, type ChannelView } from './shared-channel.js';

/** A store whose `follow` is the same function until `source` is another, as React asks for. */
function useStore<T>(source: unknown, follow: Follow, view: () => T, initial: T): T {
  return useSyncExternalStore(
    useMemo(() => follow, [source]),
    view,
    () => initial,
  );
}

type Follow = (notify: () => void) => () => void;

/**
 * The state of a client's connection. Rendering on a server gives `'idle'`.
 *
 * ```tsx
 * const state = useConnectionState(client);
 * return state === 'reconnecting' ? <p>Connecting again…</p> : null;
 * ```
 */
export function useConnectionState<C>(client: HauynaClient<C>): ClientState {
  return useStore<ClientState>(
    client,
    (notify) => client.on('state', notify),
    () => client.state,
    'idle',
  );
}

/**
 * Subscribes to a channel while a component that uses it is mounted. Components share one subscription per client and
 * channel; it ends after the last one is gone. A channel the application has subscribed by itself stays subscribed.
 * Rendering on a server subscribes nothing and gives the state `'idle'`.
 *
 * ```tsx
 * const { channel, state, error } = useChannel(client, `room:${id}`, { since: { last: 20 } });
 * if (error) return <p>{error.message}</p>;
 * ```
 *
 * @param options those of the component that subscribes; later changes have no effect (there is `channel.presence.update`)
 */
export function useChannel<C, Name extends ChannelName<C>>(
  client: HauynaClient<C>,
  name: Name,
  options?: SubscribeOptions,
): ChannelView<ChannelOf<C, Name>> {
  const shared = sharedChannel(client.channel(name));
  return useStore(
    shared,
    (notify) => shared.join(notify, options),
    () => shared.view,
    shared.initial,
  );
}

/**
 * Calls a listener for every message of an event, or for `$state`, `$recovered` and `$error`, while the component is
 * mounted. The listener may be a new function with every render; it always sees the latest props.
 *
 * ```tsx
 * useEvent(channel, 'message', (data, meta) => play(data, meta.userId));
 * ```
 */
export function useEvent<C, E extends keyof ChannelEvents<C> & string>(
  channel: Channel<C>,
  event: E,
  listener: (...args: ChannelEvents<C>[E]) => void,
): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => channel.on(event, (...args) => latest.current(...args)), [channel, event]);
}

/**
 * Who is in a channel: user id → entry, a new map with every change. Rendering on a server gives an empty map.
 *
 * ```tsx
 * const members = usePresence(channel);
 * return <p>{[...members.keys()].join(', ')}</p>;
 * ```
 */
export function usePresence<C>(channel: Channel<C>): Members<PresenceOf<C>> {
  const { presence } = channel;
  return useStore<Members<PresenceOf<C>>>(
    presence,
    (notify) => presence.on('change', notify),
    () => presence.members,
    NOBODY,
  );
}

const NOBODY: Members<never> = new Map();

export interface HistoryViewOptions<E> {
  /** The event whose messages are collected. @default 'message' */
  event?: E;
  /** How many kept messages to begin with, 0 to 300. @default 100 */
  limit?: number;
  /** Messages kept here at most; beyond it the oldest go. @default 500 */
  max?: number;
}

/**
 * The messages of a channel: first those it has kept, then those that come, each once and in order. What a loss of the
 * connection has cost is filled in. The channel has to be subscribed, by `useChannel` or by the application.
 *
 * ```tsx
 * const { channel } = useChannel(client, 'room:1');
 * const messages = useHistory(channel, { limit: 50 });
 * return messages.map(({ data, meta }) => <Line key={`${meta.epoch} ${meta.offset}`} {...data} />);
 * ```
 */
export function useHistory<C, E extends keyof EventsOf<C> & string = 'message' & keyof EventsOf<C>>(
  channel: Channel<C>,
  options: HistoryViewOptions<E> = {},
): Messages<EventsOf<C>[E]> {
  const { event = 'message', limit = 100, max = 500 } = options;
  const log = useMemo(
    () => messageLog<EventsOf<C>[E]>(channel as unknown as Channel, event, limit, max),
    [channel, event, limit, max],
  );
  return useStore<Messages<EventsOf<C>[E]>>(log, log.follow, log.view, NONE);
}
