import type { PresenceStep, PresenceTransition } from '../../../lib/broker/presence-store.js';
import { jsonEqual, type JsonObject } from '../../../lib/protocol/json.js';

type View = Map<string, JsonObject>;

interface Ref {
  lost: boolean;
  channels: Map<string, JsonObject>;
}

interface Person {
  own: JsonObject;
  detached: boolean;
  hidden: boolean;
  refs: Map<string, Ref>;
  tracked: Set<string>;
  groups: Set<string>;
  /** The order in which connections spoke in a channel: metadata of later ones wins. */
  order: string[];
}

/**
 * Presence, written down as plainly as possible and without any index: recomputes everything from scratch after every
 * step. Slow, and short enough to be believed.
 */
export class PresenceModel {
  readonly people = new Map<string, Person>();

  apply(step: PresenceStep): void {
    const known = this.people.get(step.userId);
    const creates = step.kind === 'connect' || step.kind === 'enter' || step.kind === 'track';
    if (known === undefined && !creates) return;
    const person = known ?? blank();
    this.people.set(step.userId, person);
    switch (step.kind) {
      case 'connect':
        this.connect(person, step.ref);
        break;
      case 'enter':
        person.hidden = false;
        this.connect(person, step.ref);
        for (const [ref, { lost, channels }] of person.refs) {
          if (!lost || ref === step.ref || !channels.delete(step.channel)) continue;
          if (channels.size === 0) person.refs.delete(ref);
        }
        person.refs.get(step.ref)?.channels.set(step.channel, step.metadata);
        person.order = [...person.order.filter((key) => key !== key0(step)), key0(step)];
        break;
      case 'leave':
        person.refs.get(step.ref)?.channels.delete(step.channel);
        break;
      case 'lose':
        if (person.refs.has(step.ref)) (person.refs.get(step.ref) as Ref).lost = true;
        break;
      case 'disconnect':
        person.refs.delete(step.ref);
        break;
      case 'track':
        person.hidden = false;
        if (person.refs.size === 0) person.detached = true;
        this.overlay(person, step.metadata, step.metadata);
        if (step.channel !== undefined) person.tracked.add(step.channel);
        if (step.group !== undefined) person.groups.add(step.group);
        break;
      case 'update':
        if (this.isPresent(person)) this.overlay(person, { ...person.own, ...step.patch }, step.patch);
        break;
      case 'untrack':
        if (step.channel !== undefined) person.tracked.delete(step.channel);
        if (step.group !== undefined) person.groups.delete(step.group);
        if (step.channel === undefined && step.group === undefined) this.hide(person);
        break;
      case 'expire':
        person.detached = false;
        break;
    }
    if (!this.isPresent(person) && person.refs.size === 0) this.people.delete(step.userId);
  }

  present(): string[] {
    return [...this.people].filter(([, person]) => this.isPresent(person)).map(([userId]) => userId);
  }

  /** The users of a channel and how it sees them. */
  channel(channel: string): View {
    const view: View = new Map();
    for (const userId of this.present()) {
      const person = this.people.get(userId) as Person;
      const refs = this.refsIn(person, channel);
      if (refs.length === 0 && !person.tracked.has(channel)) continue;
      view.set(userId, Object.assign({}, person.own, ...refs.map(([, meta]) => meta)) as JsonObject);
    }
    return view;
  }

  connectionsIn(userId: string, channel: string): number {
    const person = this.people.get(userId);
    return [...(person?.refs.values() ?? [])].filter((ref) => !ref.lost && ref.channels.has(channel)).length;
  }

  /** By brute force: somebody's own metadata, or one of their channels, has all of it. */
  listBy(channels: readonly string[], criteria: JsonObject, channel?: string): string[] {
    const views = (channel === undefined ? channels : [channel]).map((name) => this.channel(name));
    return this.present().filter((userId) => {
      const seen = views.map((view) => view.get(userId)).filter((view) => view !== undefined);
      if (channel === undefined) seen.push((this.people.get(userId) as Person).own);
      return seen.some((view) =>
        Object.entries(criteria).every(
          ([key, value]) => Object.hasOwn(view, key) && jsonEqual(view[key], value),
        ),
      );
    });
  }

  private isPresent(person: Person): boolean {
    return !person.hidden && (person.detached || person.refs.size > 0);
  }

  private connect(person: Person, ref: string): void {
    if (!person.refs.has(ref)) person.refs.set(ref, { lost: false, channels: new Map() });
    for (const [old, { lost, channels }] of person.refs) {
      if (lost && channels.size === 0) person.refs.delete(old);
    }
  }

  private overlay(person: Person, own: JsonObject, patch: JsonObject): void {
    person.own = own;
    for (const { channels } of person.refs.values()) {
      for (const [channel, metadata] of channels) {
        const entries = Object.entries(metadata).map(([key, value]) => [
          key,
          Object.hasOwn(patch, key) ? patch[key] : value,
        ]);
        channels.set(channel, Object.fromEntries(entries) as JsonObject);
      }
    }
  }

  private hide(person: Person): void {
    person.hidden = true;
    person.detached = false;
    person.own = {};
    person.tracked.clear();
    person.groups.clear();
    for (const { channels } of person.refs.values()) channels.clear();
  }

  private refsIn(person: Person, channel: string): [string, JsonObject][] {
    return [...person.refs]
      .filter(([, { channels }]) => channels.has(channel))
      .map(([ref, { channels }]): [string, JsonObject] => [ref, channels.get(channel) as JsonObject])
      .toSorted(
        ([a], [b]) => person.order.indexOf(`${a} ${channel}`) - person.order.indexOf(`${b} ${channel}`),
      );
  }
}

function blank(): Person {
  return {
    own: {},
    detached: false,
    hidden: false,
    refs: new Map(),
    tracked: new Set(),
    groups: new Set(),
    order: [],
  };
}

function key0(step: { ref: string; channel: string }): string {
  return `${step.ref} ${step.channel}`;
}

/** What somebody who only hears the transitions of one channel believes. */
export class Listener {
  readonly view: View = new Map();
  readonly faults: string[] = [];

  constructor(private readonly channel: string | undefined) {}

  hear({ event, userId, channel, group, metadata }: PresenceTransition): void {
    if (channel !== this.channel || group !== undefined) return;
    const known = this.view.get(userId);
    if (event === 'join' && known !== undefined) this.faults.push(`${userId} joins twice`);
    if (event !== 'join' && known === undefined) this.faults.push(`${event} of ${userId}, who is not there`);
    // The user as a whole is seen through channels too, so only of a channel can an update be judged.
    if (event === 'update' && channel !== undefined && known !== undefined && jsonEqual(known, metadata)) {
      this.faults.push(`an update of ${userId} changes nothing`);
    }
    if (event === 'leave') this.view.delete(userId);
    else this.view.set(userId, metadata);
  }
}
