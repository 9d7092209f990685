import type { Channel, MessageMeta } from '../client/index.js';

export interface Message<T> {
  data: T;
  meta: MessageMeta;
}

/** Oldest first. A new array with every change. */
export type Messages<T> = readonly Message<T>[];

export const NONE: Messages<never> = [];

/** The messages of one event of a channel: first those the channel has kept, then those that come. */
export interface MessageLog<T> {
  readonly view: () => Messages<T>;
  /** Follows the channel. @returns stops following it */
  readonly follow: (notify: () => void) => () => void;
}

/**
 * @param limit how many kept messages to begin with
 * @param max messages kept here at most
 */
export function messageLog<T>(channel: Channel, event: string, limit: number, max: number): MessageLog<T> {
  let messages: Messages<T> = NONE;
  return {
    view: () => messages,
    follow(notify) {
      let wanted = limit;

      const set = (next: Messages<T>): void => {
        messages = next.slice(-max);
        notify();
      };

      // The history is for subscribers: it is read as soon as the channel is subscribed.
      const load = (): void => {
        if (!wanted || channel.state !== 'subscribed') return;
        wanted = 0;
        channel.history({ limit, reverse: true }).then(
          ({ publications }) => {
            const kept: Message<T>[] = [];
            // Newest first, as they were asked for.
            for (const { data, user: userId, ...meta } of publications) {
              if (meta.event === event)
                kept.unshift({ data: data as T, meta: { ...meta, userId, recovered: true } });
            }
            set(merge(kept, messages));
          },
          // The next connection is the next chance; what comes live is there all the same.
          () => (wanted = limit),
        );
      };

      const offs = [
        channel.on(event, (data, meta) => {
          // The history may have been ahead of what is delivered.
          const known = meta.offset > 0 && messages.some(from(meta));
          if (!known) set([...messages, { data: data as T, meta }]);
        }),
        channel.on('$state', load),
        channel.on('$recovered', ({ complete }) => {
          if (complete) return;
          wanted = limit;
          load();
        }),
      ];
      load();
      return () => offs.forEach((off) => off());
    },
  };
}

/** Puts what was kept in its place among what has come. */
function merge<T>(kept: Messages<T>, come: Messages<T>): Messages<T> {
  const [first] = kept;
  const last = kept.at(-1);
  if (!first || !last) return come;
  const older = come.filter((one) => !from(first.meta)(one));
  return [...older, ...kept, ...come.filter(from(last.meta, 1))];
}

/** Whether a message stands at this position of the channel or behind it. */
function from({ epoch, offset }: MessageMeta, beyond = 0): (message: Message<unknown>) => boolean {
  return ({ meta }) => meta.epoch === epoch && meta.offset >= offset + beyond;
}
