import type { JsonObject } from '../protocol/json.js';
import { applyPresenceChange } from '../protocol/presence-state.js';
import type { PresenceChangeFrame, PresenceMember, PresenceStateFrame } from '../protocol/server-frames.js';
import type { CallOptions } from './calls.js';
import { Listeners } from './listeners.js';

/** One present user, as a channel sees them. */
export interface Member<M = JsonObject> extends Omit<PresenceMember, 'metadata'> {
  metadata: M;
}

export type Members<M = JsonObject> = ReadonlyMap<string, Member<M>>;

export interface PresenceEvents<M> {
  /** The whole state has come: after a subscribe, and after every loss of the connection. */
  sync: [members: Members<M>];
  join: [userId: string, member: Member<M>];
  leave: [userId: string, member: Member<M>];
  update: [userId: string, member: Member<M>];
  /** After any of the others. */
  change: [members: Members<M>];
}

/** What a subscription says of itself. */
export interface OwnPresence {
  metadata?: JsonObject;
  presence?: boolean;
}

/** Tells the server of one's own presence. */
export type Declare = (own: OwnPresence, options?: CallOptions) => Promise<void>;

/** Who is in a channel, always in step with the server while the channel is subscribed. */
export class ChannelPresence<M = JsonObject> extends Listeners<PresenceEvents<M>> {
  #current: Map<string, PresenceMember> = new Map();

  readonly #own: () => JsonObject | undefined;
  readonly #declare: Declare;

  /** @param own one's own metadata in the channel */
  constructor(own: () => JsonObject | undefined, declare: Declare) {
    super();
    this.#own = own;
    this.#declare = declare;
  }

  /** user id → entry. A new map with every change. */
  get members(): Members<M> {
    return this.#current as unknown as Members<M>;
  }

  /** Becomes present with this metadata, and subscribes if need be; subscribing does so with that of the subscription. */
  enter(metadata: M, options?: CallOptions): Promise<void> {
    return this.#declare({ metadata: metadata as JsonObject, presence: true }, options);
  }

  /** Lays a patch over one's own metadata in this channel. */
  update(patch: Partial<M>, options?: CallOptions): Promise<void> {
    return this.#declare({ metadata: { ...this.#own(), ...(patch as JsonObject) } }, options);
  }

  /** Is no longer present, and stays subscribed. */
  leave(options?: CallOptions): Promise<void> {
    return this.#declare({ presence: false }, options);
  }

  /** Takes the whole state. What has happened meanwhile is told, too. */
  sync({ state }: PresenceStateFrame): void {
    this.#set(new Map(Object.entries(state)));
    this.emit('sync', this.members);
    this.emit('change', this.members);
  }

  /** Takes one change. */
  apply(change: PresenceChangeFrame, now: number): void {
    const { channel: _channel, ...metadata } = change.metadata;
    this.#set(applyPresenceChange(this.#current, { ...change, metadata }, now));
    this.emit('change', this.members);
  }

  /** Nobody can be seen any more: the channel was left. */
  clear(): void {
    if (!this.#current.size) return;
    this.#current = new Map();
    this.emit('change', this.members);
  }

  #set(next: Map<string, PresenceMember>): void {
    const before = this.#current;
    this.#current = next;
    for (const [user, member] of before) if (!next.has(user)) this.emit('leave', user, member as never);
    for (const [user, member] of next) {
      const known = before.get(user);
      if (!known) this.emit('join', user, member as never);
      else if (known !== member && JSON.stringify(known.metadata) !== JSON.stringify(member.metadata)) {
        this.emit('update', user, member as never);
      }
    }
  }
}
