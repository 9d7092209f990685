import { CloseCode, createClient } from '/hauyna/client.js';
import { tellParent } from '../shared/frame-messages.js';
import { Room } from './room.js';
import { Score } from './score.js';
import { tappedSocket } from './tapped-socket.js';
import { Traffic } from './traffic.js';

const BEAT = 1000;

/** One person's connection: what they have joined, who is there, what was said. The views only read it. */
export class Session {
  roomNames = [];
  rooms = new Map();
  /** Private, group and broadcast messages, and notices; they belong to no room. */
  direct = [];
  current = 'general';
  state = { to: 'connecting', until: 0 };
  score = new Score();
  #socket;
  #garbage = 0;
  /** When the button "Expire my token" was pressed; `null` once there is a new one. */
  #expiredAt = null;
  /** Channels that have not said yet what they have brought back, and how much it is. */
  #returning = null;
  #watched = new WeakSet();
  #listeners = new Map();

  constructor(user) {
    this.user = user;
    this.#socket = tappedSocket(user);
    this.client = createClient('/chat', {
      params: { user_id: user },
      token: ({ reason, signal }) => this.#token(reason, signal),
      // Long enough to watch, short enough for the others not to see anybody leave.
      reconnect: { baseDelay: 2000, maxDelay: 3000, jitter: 0.35 },
      heartbeatInterval: 1000,
      heartbeatTimeout: 2500,
      // What is said while there is no connection waits for one.
      timeout: 30_000,
      WebSocket: this.#socket,
    });
    this.client.on('state', (change) => this.#moved(change));
    this.client.on('message', (data, meta) => this.#message(data, meta));
    this.client.on('error', (error) => this.refused(error));
    this.client.on('frame', (frame) => {
      this.score.heard();
      this.#initial(frame);
    });
    this.traffic = new Traffic(this.client, this.score, (work) => this.#timed('ack', work));
    this.#listenToRecovery(this.traffic.channel);
    void this.#enterLobby();
    void this.join('general');
    setInterval(() => void this.#beat(), BEAT);
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  emit(event, ...args) {
    for (const listener of this.#listeners.get(event) ?? []) listener(...args);
  }

  get room() {
    return this.rooms.get(this.current);
  }

  /** Everybody this client knows of, in any room. */
  get people() {
    return new Map([...this.rooms.values()].flatMap(({ people }) => [...people]));
  }

  async join(name) {
    const room = new Room(this.client, name, this.score);
    this.rooms.set(name, room);
    this.open(name);
    this.#listenToRecovery(room.channel);
    try {
      await room.join((_room, isNews) => {
        if (isNews && name !== this.current) room.unread += 1;
        this.emit('changed');
      });
    } catch (error) {
      room.forget();
      this.rooms.delete(name);
      throw error;
    } finally {
      this.emit('changed');
    }
  }

  async leave(name) {
    await this.rooms.get(name).leave();
    this.rooms.delete(name);
    if (this.current === name) this.current = [...this.rooms.keys()][0] ?? null;
    this.emit('changed');
  }

  open(name) {
    this.current = name;
    this.room.unread = 0;
    this.emit('changed');
  }

  /** Says something in a room, now or as soon as there is a connection. */
  async say(room, data) {
    await this.#timed('ack', () => room.channel.publish(data));
    this.score.sent += 1;
  }

  /** Cuts the socket on the server's side. Nobody will answer. */
  drop() {
    this.client.send('drop_me', {});
  }

  /** Sends what no client would, past the client. */
  async sendGarbage() {
    const { GARBAGE } = await import('./garbage.js');
    const socket = this.#socket.current;
    if (socket?.readyState === WebSocket.OPEN) socket.send(GARBAGE[this.#garbage++ % GARBAGE.length]);
  }

  /** Gives the server a token at its end. The client knows by itself when it is time for a new one. */
  async expire() {
    const token = await fetchToken(this.user, { life: '0' });
    await this.client.request('refresh', { token });
    this.#expiredAt = Date.now();
    this.note({ kind: 'expired' });
  }

  note(message) {
    this.direct.push({ at: Date.now(), ...message });
    if (this.direct.length > 100) this.direct.shift();
    this.emit('changed');
  }

  /** Shows what the server has refused; what the network did is told by the state. */
  refused(error) {
    if (['closed', 'timeout', 'aborted', undefined].includes(error.code)) return;
    const { code: error_type, message, retryable, details } = error;
    this.note({ kind: 'refused', error: { error_type, message, retryable, details } });
  }

  async #token(reason, signal) {
    const token = await fetchToken(this.user, {}, signal);
    if (reason === 'expired' && this.#expiredAt !== null) {
      this.note({ kind: 'renewed', seconds: ((Date.now() - this.#expiredAt) / 1000).toFixed(1) });
      this.#expiredAt = null;
    }
    return token;
  }

  async #enterLobby() {
    const lobby = this.client.channel('lobby');
    lobby.on('rooms', ({ rooms }) => this.#setRooms(rooms));
    await lobby.subscribe({ timeout: Infinity });
  }

  /** What `@OnChannelSubscribe` has returned comes with the answer to the subscribe. */
  #initial({ type, data }) {
    if (type !== 'ack' || !data?.initial) return;
    const { rooms, pinned } = data.initial;
    if (rooms !== undefined) this.#setRooms(rooms);
    const room = this.rooms.get(data.channel);
    if (pinned !== undefined && room !== undefined) room.pinned = pinned;
  }

  #setRooms(names) {
    this.roomNames = names;
    this.emit('changed');
  }

  #moved(change) {
    this.state = { ...change, until: Date.now() + (change.delay ?? 0) };
    tellParent('state', { user: this.user, state: change.to, at: Date.now() });
    if (change.from === 'connected') {
      this.score.lost(change.code === CloseCode.pingTimeout);
      this.note({ kind: 'lost', code: change.code });
    }
    if (change.to === 'connected') {
      const gap = this.score.back();
      const channels = [this.traffic.channel, ...[...this.rooms.values()].map(({ channel }) => channel)];
      const waiting = new Set(channels.filter(({ offset }) => offset !== undefined));
      if (gap !== null) this.#returning = { waiting, gap, missed: 0, complete: true };
    }
    this.emit('state');
    this.emit('changed');
  }

  #listenToRecovery(channel) {
    if (this.#watched.has(channel)) return;
    this.#watched.add(channel);
    channel.on('$recovered', ({ complete, count }) => {
      this.score.recovered += count;
      const returning = this.#returning;
      if (returning?.waiting.delete(channel) !== true) return;
      returning.complete &&= complete;
      // Numbers are nothing to read; the scoreboard has them.
      if (channel !== this.traffic.channel) returning.missed += count;
      if (returning.waiting.size === 0) this.#returned(returning);
    });
  }

  #returned({ gap, missed, complete }) {
    this.#returning = null;
    const seconds = (gap / 1000).toFixed(1);
    this.note(complete ? { kind: 'back', seconds, missed } : { kind: 'incomplete', seconds });
  }

  #message(data, { via, user, group }) {
    if (data?.kind === 'server_latency') this.emit('serverLatency', data.ms);
    else this.note({ kind: 'said', via, group, from: user, data });
  }

  async #beat() {
    tellParent('score', { user: this.user, score: this.score.toJSON() });
    if (this.client.state !== 'connected') return;
    // Without an answer the client's own heartbeat decides what to do.
    const ms = await this.#timed('ping', () => this.client.ping()).catch(() => null);
    if (ms !== null) this.emit('latency', ms);
  }

  /** @returns the time the work has taken, ms; `null` when the connection was not the same all the time */
  async #timed(kind, work) {
    const { client, user } = this;
    const { connectionId, state } = client;
    const start = performance.now();
    await work();
    if (state !== 'connected' || client.connectionId !== connectionId) return null;
    const ms = performance.now() - start;
    tellParent('latency', { user, kind, ms, at: Date.now() });
    return ms;
  }
}

async function fetchToken(user, options = {}, signal = undefined) {
  const response = await fetch(`/lab/token/${encodeURIComponent(user)}?${new URLSearchParams(options)}`, {
    signal,
  });
  if (!response.ok) throw new Error(`No token: ${response.status}`);
  return response.text();
}
