const KEPT = 200;
/** What a newcomer gets to read. */
const FIRST = { last: 30 };

/** One channel of the client, with what a chat needs on top: messages, what is pinned, what is unread. */
export class Room {
  messages = [];
  pinned = null;
  unread = 0;
  #visit = crypto.randomUUID();
  #left = new AbortController();
  #joined = false;
  #score;

  constructor(client, name, score) {
    this.name = name;
    this.channel = client.channel(name);
    this.#score = score;
  }

  /** user → metadata */
  get people() {
    return new Map([...this.channel.presence.members].map(([user, { metadata }]) => [user, metadata]));
  }

  /** Enters, and stays whatever happens to the connection. @param changed called after everything that happens here */
  async join(changed) {
    const { signal } = this.#left;
    const on = (event, take) =>
      this.channel.on(event, (data, meta) => changed(this, this.#take(take, data, meta)), { signal });
    on('message', (data, meta) => this.#said(data, meta));
    on('tip', (data, meta) => this.#said(data, meta));
    on('pin', (data) => (this.pinned = data.text === undefined ? null : data));
    on('clear', ({ by }, { at }) => (this.messages = [{ kind: 'cleared', by, at }]));
    this.channel.presence.on('change', () => changed(this, false), { signal });
    await this.channel.subscribe({ since: FIRST });
    this.#joined = true;
  }

  async leave() {
    await this.channel.unsubscribe();
    this.forget();
  }

  forget() {
    this.#left.abort();
  }

  /** Offsets count from 1 without a gap: numbers to check the client by. @returns whether it is news */
  #take(take, data, meta) {
    this.#score.take(`${this.name} ${meta.epoch} ${this.#visit}`, meta.offset);
    take(data, meta);
    return this.#joined;
  }

  #said(data, { userId, at, recovered }) {
    const from = userId ?? data?.from;
    const caughtUp = recovered && this.#joined;
    this.messages.push({ kind: 'said', via: 'room', room: this.name, from, data, at, caughtUp });
    if (this.messages.length > KEPT) this.messages.shift();
  }
}
