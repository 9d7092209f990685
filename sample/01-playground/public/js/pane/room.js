const KEPT = 200;

/** One channel as this client knows it: position, people, messages. */
export class Room {
  offset = null;
  epoch = null;
  people = new Map();
  messages = [];
  pinned = null;
  unread = 0;
  received = 0;
  missing = 0;

  constructor(name) {
    this.name = name;
  }

  /** Where to continue, for the next `subscribe_channel`. */
  get since() {
    return this.epoch === null ? { last: 30 } : { offset: this.offset, epoch: this.epoch };
  }

  /** Takes the answer to a subscribe. @returns `{ missed, anew }`: publications caught up with, and whether the stream is another one */
  subscribed({ offset, epoch, publications = [], initial }) {
    const anew = this.epoch !== null && this.epoch !== epoch;
    if (anew) this.offset = null;
    const first = this.epoch === null;
    this.epoch = epoch;
    const missed = publications.filter((publication) => this.take(publication, !first));
    this.offset = Math.max(this.offset ?? 0, offset);
    if (initial?.pinned !== undefined) this.pinned = initial.pinned;
    return { missed: first ? 0 : missed.length, anew };
  }

  /** Takes a publication. Offsets count without a gap, so what is missing or repeated can be told. @returns whether it was new */
  take(publication, caughtUp = false) {
    const { offset, event, data, user, at } = publication;
    if (this.offset !== null && offset <= this.offset) return false;
    if (this.offset !== null) this.missing += offset - this.offset - 1;
    this.offset = offset;
    this.received += 1;
    if (event === 'pin') this.pinned = data.text === undefined ? null : data;
    else if (event === 'clear') this.messages = [{ kind: 'cleared', by: data.by, at }];
    else
      this.add({ kind: 'said', via: 'room', room: this.name, from: user ?? data?.from, data, at, caughtUp });
    return true;
  }

  add(message) {
    this.messages.push(message);
    if (this.messages.length > KEPT) this.messages.shift();
  }

  setPeople(state) {
    this.people = new Map(Object.entries(state).map(([user, { metadata }]) => [user, metadata]));
  }

  changePerson({ event, user, metadata }) {
    if (event === 'leave') this.people.delete(user);
    else this.people.set(user, metadata);
  }
}
