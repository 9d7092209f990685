import { WebSocketClient } from '/hauyna/client/index.js';
import { Emitter } from './emitter.js';
import { Requests } from './requests.js';
import { Room } from './room.js';
import { tappedSocket } from './tapped-socket.js';

const LOBBY = 'lobby';
const BEAT = 1000;

/** One person's connection: what they have joined, who is there, what was said. The views only read it. */
export class Session extends Emitter {
  roomNames = [];
  rooms = new Map();
  /** Private, group and broadcast messages, and notices; they belong to no room. */
  direct = [];
  current = 'general';
  state = { state: 'connecting' };
  #lobby = new Room(LOBBY);
  #requests = new Requests((frame) => this.client.send(frame));
  #lostAt = null;

  constructor(user) {
    super();
    this.user = user;
    this.rooms.set('general', new Room('general'));
    const url = new URL('/chat', location.href.replace(/^http/, 'ws'));
    url.searchParams.set('user_id', user);
    this.client = new WebSocketClient(url.href, {
      protocols: 'hauyna.v1.json',
      WebSocket: tappedSocket(user),
      maxReconnectAttempts: Infinity,
      // Long enough to watch, short enough for the others not to see anybody leave.
      reconnectInterval: 2400,
      maxReconnectInterval: 8000,
      random: () => Math.random() * 0.3,
      firstFrames: () => this.#subscriptions(),
    });
    this.client.on('state', (change) => this.#changed(change));
    this.client.on('message', (frame) => this.#receive(frame));
    setInterval(() => void this.#beat(), BEAT);
  }

  get room() {
    return this.rooms.get(this.current);
  }

  /** Everybody this client knows of, in any room. */
  get people() {
    return new Map([...this.rooms.values()].flatMap(({ people }) => [...people]));
  }

  request(type, body = {}) {
    return this.#requests.request({ type, ...body });
  }

  async join(name) {
    const room = new Room(name);
    // Who is there is told before the answer comes.
    this.rooms.set(name, room);
    try {
      room.subscribed(await this.request('subscribe_channel', { channel: name, since: room.since }));
    } catch (error) {
      this.rooms.delete(name);
      throw error;
    }
    this.open(name);
  }

  async leave(name) {
    await this.request('unsubscribe_channel', { channel: name });
    this.rooms.delete(name);
    if (this.current === name) this.current = [...this.rooms.keys()][0] ?? null;
    this.emit('changed');
  }

  open(name) {
    this.current = name;
    this.room.unread = 0;
    this.emit('changed');
  }

  /** Cuts the socket on the server's side. Nobody will answer. */
  drop() {
    this.client.send({ type: 'drop_me' });
  }

  note(message) {
    this.direct.push({ at: Date.now(), ...message });
    if (this.direct.length > 100) this.direct.shift();
    this.emit('changed');
  }

  /** Sent first on every connect: the rooms, each from where it was left. */
  #subscriptions() {
    const rooms = [this.#lobby, ...this.rooms.values()];
    const answers = [];
    const frames = rooms.map((room) => {
      const { id, promise } = this.#requests.expect('subscribe');
      answers.push(promise.then((result) => this.#subscribed(room, result)));
      return { type: 'subscribe_channel', id, channel: room.name, since: room.since };
    });
    Promise.all(answers).then(
      (results) => this.#returned(results),
      () => undefined,
    );
    return frames;
  }

  #subscribed(room, result) {
    if (room === this.#lobby) this.roomNames = result.initial?.rooms ?? this.roomNames;
    return room.subscribed(result);
  }

  #returned(results) {
    if (this.#lostAt !== null) {
      const seconds = ((Date.now() - this.#lostAt) / 1000).toFixed(1);
      const missed = results.reduce((sum, result) => sum + result.missed, 0);
      const anew = results.some((result) => result.anew);
      this.#lostAt = null;
      this.note(anew ? { kind: 'anew' } : { kind: 'back', seconds, missed });
      this.emit('back');
    }
    this.emit('changed');
  }

  #changed(change) {
    const wasOpen = this.state.state === 'open';
    this.state = { ...change, until: Date.now() + (change.delay ?? 0) };
    if (wasOpen && change.state !== 'open') {
      this.#requests.lost();
      this.#lostAt ??= Date.now();
      this.note({ kind: 'lost', code: change.code });
    }
    this.emit('state');
  }

  #receive(frame) {
    if (this.#requests.take(frame)) return;
    const room = this.rooms.get(frame.channel);
    switch (frame.type) {
      case 'publication':
        this.#publication(frame, room);
        break;
      case 'message':
        this.#message(frame);
        break;
      case 'presence_state':
        room?.setPeople(frame.state);
        break;
      case 'presence_change':
        room?.changePerson(frame);
        break;
      case 'error':
        this.note({ kind: 'refused', frame });
        break;
      default:
        return;
    }
    this.emit('changed');
  }

  #publication(frame, room) {
    if (frame.channel === LOBBY) {
      if (this.#lobby.take(frame)) this.roomNames = frame.data.rooms;
      return;
    }
    if (room?.take(frame) && frame.channel !== this.current) room.unread += 1;
  }

  #message({ via, user, group, data }) {
    if (data?.kind === 'server_latency') this.emit('serverLatency', data.ms);
    else this.note({ kind: 'said', via, group, from: user, data });
  }

  async #beat() {
    if (this.client.state !== 'open') return;
    const sentAt = performance.now();
    try {
      await this.request('heartbeat');
      this.emit('latency', performance.now() - sentAt);
    } catch {
      // The connection went; the state says so.
    }
  }
}
