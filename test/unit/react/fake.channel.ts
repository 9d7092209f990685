import type { Channel, ChannelState, MessageMeta, PublicationView } from '../../../lib/client/index.js';

type Listener = (...args: never[]) => void;

/** A channel whose events the test makes. */
export class FakeChannel {
  state: ChannelState = 'idle';
  readonly calls: string[] = [];
  kept: PublicationView[] = [];
  refusal: Error | undefined;
  readonly #listeners = new Map<string, Set<Listener>>();

  get channel(): Channel {
    return this as unknown as Channel;
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  on(event: string, listener: Listener): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => void set.delete(listener);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }

  move(to: ChannelState, error?: Error): void {
    const from = this.state;
    this.state = to;
    this.emit('$state', { from, to, error });
  }

  message(offset: number, epoch = 'e', event = 'message'): void {
    const meta: MessageMeta = { offset, epoch, userId: null, at: 0, event, recovered: false };
    this.emit(event, offset, meta);
  }

  async subscribe(): Promise<void> {
    this.calls.push('subscribe');
    this.move('subscribing');
    if (this.refusal === undefined) return;
    this.emit('$error', this.refusal);
    throw this.refusal;
  }

  async unsubscribe(): Promise<void> {
    this.calls.push('unsubscribe');
    this.move('idle');
  }

  async history({ limit = 100 }: { limit?: number }): Promise<{ publications: PublicationView[] }> {
    this.calls.push(`history ${limit}`);
    if (this.refusal !== undefined) throw this.refusal;
    const publications: PublicationView[] = [];
    for (const one of this.kept.slice(-limit)) publications.unshift(one);
    return { publications };
  }
}

export function kept(offset: number, epoch = 'e', event = 'message'): PublicationView {
  return { channel: 'room:1', data: offset, event, offset, epoch, user: null, at: 0 };
}

/** Everything that was promised so far has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
