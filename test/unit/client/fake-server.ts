import { createClient, type HauynaClient } from '../../../lib/client/client.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import type { JsonObject, JsonValue } from '../../../lib/protocol/json.js';
import { DEFAULT_RETRY_POLICY } from '../../../lib/protocol/retry-policy.js';
import type { PublicationView } from '../../../lib/protocol/server-frames.js';
import { ManualClock } from '../../../lib/testing/manual.clock.js';
import {
  socketClassOf,
  type FakeSession,
  type FakeSocket,
  type Frame,
  type SocketHost,
} from './fake-socket.js';

/** What becomes of the next request: the connection may break before it is handled, or before its answer arrives. */
export type RequestFate = 'ok' | 'lost' | 'break-before' | 'break-after';
/** What becomes of the next publication on its way to one subscriber. */
export type PushFate = 'ok' | 'lost' | 'twice' | 'late';

interface FakeChannel {
  epoch: string;
  offset: number;
  /** What history still has. */
  kept: PublicationView[];
  /** Everything that was ever published, history or not, over all epochs. */
  log: PublicationView[];
  keys: Map<string, { offset: number; epoch: string }>;
}

/** A v1 server in memory: channels with history, sessions with answers, presence. Nothing moves but by `settle()`. */
export class FakeServer implements SocketHost {
  readonly clock = new ManualClock();
  readonly sockets: FakeSocket[] = [];
  readonly WebSocket = socketClassOf(this);
  readonly channels = new Map<string, FakeChannel>();
  readonly sessions = new Map<string, FakeSession>();
  /** Whether sockets can be opened. */
  online = true;
  /** Whether sockets that are opened are welcomed. */
  welcomes = true;
  /** Claims that everything was recovered, and brings nothing: how a client without recovery looks. */
  forgetful = false;
  answersHeartbeats = true;
  /** More fields of the welcome. */
  welcome: object = {};
  /** Whether a connection is let in: a close code, or nothing. */
  admit: (socket: FakeSocket) => number | undefined = () => undefined;
  /** What it answers to requests of the application, and instead of what it would otherwise. */
  answers: Record<string, (frame: Frame, socket: FakeSocket) => object | undefined> = {};
  requestFates: RequestFate[] = [];
  pushFates: PushFate[] = [];
  private jobs: (() => void)[] = [];
  private count = 0;

  client(user: string, options: ClientOptions = {}): HauynaClient {
    const { WebSocket, clock } = this;
    return createClient('ws://fake/', {
      WebSocket,
      clock,
      random: () => 0.5,
      params: { user_id: user },
      ...options,
    });
  }

  /** Sockets that are open, of everybody or of one user. */
  open(user?: string): FakeSocket[] {
    return this.sockets.filter((socket) => socket.readyState === 1 && (user ?? socket.user) === socket.user);
  }

  later(job: () => void): void {
    this.jobs.push(job);
  }

  /** Everything that is on its way arrives, and what follows from it. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 2; idle++) {
      await new Promise((resolve) => setImmediate(resolve));
      for (let job = this.jobs.shift(); job !== undefined; job = this.jobs.shift()) {
        job();
        await Promise.resolve();
        idle = 0;
      }
    }
  }

  /** Time passes, and everything arrives meanwhile. */
  async advance(ms: number, step = Math.max(50, ms / 20)): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await this.settle();
    }
  }

  channel(name: string): FakeChannel {
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = { epoch: `e${++this.count}`, offset: 0, kept: [], log: [], keys: new Map() };
      this.channels.set(name, channel);
    }
    return channel;
  }

  publish(
    name: string,
    data: JsonValue,
    { user = null, event = 'message', id, volatile = false, except }: PublishHow = {},
  ): { offset: number; epoch: string } {
    const channel = this.channel(name);
    const key = `${user} ${id}`;
    const known = id === undefined ? undefined : channel.keys.get(key);
    if (known !== undefined) return known;
    const position = { offset: volatile ? 0 : ++channel.offset, epoch: channel.epoch };
    const publication: PublicationView = {
      ...(id === undefined ? {} : { id }),
      channel: name,
      data,
      event,
      ...position,
      user,
      at: this.clock.now(),
    };
    if (!volatile) {
      channel.kept.push(publication);
      channel.log.push(publication);
      if (id !== undefined) channel.keys.set(key, position);
    }
    for (const socket of this.subscribers(name)) {
      if (socket === except) socket.push({ type: 'position', channel: name, ...position });
      else this.deliver(socket, { type: 'publication', ...publication });
    }
    return position;
  }

  /** Who is in a channel. */
  members(name: string): Record<string, { metadata: JsonObject; connections: number; since: number }> {
    const members = Object.create(null) as ReturnType<FakeServer['members']>;
    for (const socket of this.subscribers(name)) {
      const { metadata, present } = socket.subscriptions.get(name)!;
      if (!present) continue;
      const { connections = 0 } = members[socket.user] ?? {};
      members[socket.user] = { metadata, connections: connections + 1, since: 0 };
    }
    return members;
  }

  /** The process dies: sessions are gone, and what it knew in memory, too, unless that was elsewhere. */
  restart({ keepHistory }: { keepHistory: boolean }): void {
    this.sessions.clear();
    for (const socket of this.open()) socket.end(1006);
    if (keepHistory) return;
    for (const channel of this.channels.values()) {
      Object.assign(channel, { epoch: `e${++this.count}`, offset: 0, kept: [], keys: new Map() });
    }
  }

  accept(socket: FakeSocket): void {
    if (socket.readyState !== 0) return;
    if (!this.online) {
      socket.readyState = 3;
      socket.emit('error');
      socket.emit('close', { code: 1006, reason: '' });
      return;
    }
    socket.readyState = 1;
    socket.emit('open');
    const refusal = this.admit(socket);
    if (refusal !== undefined) {
      socket.end(refusal, 'refused');
      return;
    }
    if (!this.welcomes) return;
    socket.user = new URL(socket.url).searchParams.get('user_id') ?? socket.token ?? '';
    const known = this.sessions.get(socket.resume ?? '');
    if (known !== undefined) {
      this.sessions.delete(socket.resume!);
      for (const old of this.open()) if (old !== socket && old.session === known) old.end(4006);
    }
    socket.session = known ?? { id: `s${++this.count}`, user: socket.user, answers: new Map() };
    const resume = `r${++this.count}`;
    this.sessions.set(resume, socket.session);
    const session = { id: socket.session.id, resume, ttl: 60_000, resumed: known !== undefined };
    socket.push({
      type: 'welcome',
      connectionId: `c${++this.count}`,
      user: socket.user,
      heartbeat: { interval: 25_000, timeout: 60_000 },
      retry: { ...DEFAULT_RETRY_POLICY },
      session,
      ...this.welcome,
    });
  }

  handle(socket: FakeSocket, frame: Frame): void {
    socket.received.push(frame);
    const { id } = frame;
    if (id === undefined) {
      if (frame.type === 'heartbeat' && this.answersHeartbeats) {
        socket.push({ type: 'heartbeat', timestamp: this.clock.now() });
      }
      return;
    }
    const fate = this.requestFates.shift() ?? 'ok';
    if (fate === 'lost') return;
    if (fate === 'break-before') {
      socket.end();
      return;
    }
    const known = socket.session?.answers.get(id as number);
    const own = this.answers[frame.type];
    const answer = known ?? { id, ...(own ? own(frame, socket) : this.carryOut(socket, frame)) };
    // A handler that answers nothing leaves the client waiting.
    if (!('type' in answer)) return;
    socket.session?.answers.set(id as number, answer as Frame);
    if (fate === 'break-after') socket.end();
    else socket.push(answer as Frame);
  }

  gone(socket: FakeSocket): void {
    for (const name of socket.subscriptions.keys()) this.leave(socket, name);
  }

  /** Ends a subscription without the client asking. */
  drop(socket: FakeSocket, channel: string, reason: string, resubscribe: boolean): void {
    this.leave(socket, channel);
    socket.push({ type: 'unsubscribed', channel, reason, resubscribe });
  }

  private carryOut(socket: FakeSocket, frame: Frame): Frame {
    const name = frame['channel'] as string;
    const ack = (data: unknown): Frame => ({ type: 'ack', data });
    switch (frame.type) {
      case 'subscribe_channel':
        return ack(this.subscribe(socket, name, frame));
      case 'unsubscribe_channel':
        this.leave(socket, name);
        return ack({ channel: name });
      case 'channel_message': {
        if (!socket.subscriptions.has(name)) return failure('not_subscribed');
        const { message, event, idempotencyKey: id, volatile } = frame as unknown as Record<string, never>;
        const how = { user: socket.user, event, id, volatile } as unknown as PublishHow;
        return ack(this.publish(name, message as unknown as JsonValue, how));
      }
      case 'history': {
        const { epoch, offset, kept } = this.channel(name);
        return ack({ epoch, offset, publications: kept });
      }
      case 'heartbeat':
        return ack({ timestamp: this.clock.now() });
      default:
        return failure('unknown_type');
    }
  }

  private subscribe(socket: FakeSocket, name: string, frame: Frame): object {
    const { metadata, presence, since } = frame as {
      metadata?: JsonObject;
      presence?: boolean;
      since?: { offset: number; epoch: string; last?: number };
    };
    const before = socket.subscriptions.get(name);
    const wasHere = socket.user in this.members(name);
    const present = presence ?? before?.present ?? true;
    const next = { metadata: metadata ?? before?.metadata ?? {}, present };
    socket.subscriptions.set(name, next);
    const isHere = socket.user in this.members(name);
    if (isHere !== wasHere) this.tell(isHere ? 'join' : 'leave', socket.user, name, next.metadata, socket);
    else if (isHere && metadata) this.tell('update', socket.user, name, next.metadata, socket);
    socket.push({ type: 'presence_state', channel: name, state: this.members(name) });
    const { epoch, offset, kept } = this.channel(name);
    const wasRecovering = since !== undefined;
    let publications: PublicationView[] = [];
    let recovered = false;
    if (since?.last !== undefined) {
      publications = kept.slice(-since.last);
      recovered = true;
    } else if (since?.epoch === epoch) {
      publications = kept.filter((one) => one.offset > since.offset);
      recovered = publications.length === offset - since.offset;
    }
    if (this.forgetful && wasRecovering)
      return { channel: name, epoch, offset, wasRecovering, recovered: true };
    return {
      channel: name,
      epoch,
      offset,
      wasRecovering,
      recovered,
      ...(recovered ? { publications } : {}),
    };
  }

  private leave(socket: FakeSocket, name: string): void {
    const subscription = socket.subscriptions.get(name);
    if (!socket.subscriptions.delete(name) || !subscription?.present) return;
    if (!(socket.user in this.members(name))) this.tell('leave', socket.user, name, {}, socket);
  }

  private tell(event: string, user: string, channel: string, metadata: JsonObject, but: FakeSocket): void {
    for (const socket of this.subscribers(channel)) {
      if (socket === but) continue;
      socket.push({ type: 'presence_change', event, user, channel, metadata: { ...metadata, channel } });
    }
  }

  private subscribers(name: string): FakeSocket[] {
    return this.open().filter((socket) => socket.subscriptions.has(name));
  }

  private deliver(socket: FakeSocket, frame: Frame): void {
    const fate = this.pushFates.shift() ?? 'ok';
    if (fate === 'late') {
      socket.late.push(frame);
      return;
    }
    if (fate !== 'lost') socket.push(frame);
    if (fate === 'twice') socket.push(frame);
    for (const late of socket.late.splice(0)) socket.push(late);
  }
}

interface PublishHow {
  user?: string | null;
  event?: string;
  id?: string;
  volatile?: boolean;
  /** Who is only told that there was something. */
  except?: FakeSocket;
}

/** An answer that refuses. */
export function failure(error_type: string, fields: object = {}): Frame {
  return {
    type: 'error',
    error_type,
    message: `It is ${error_type}.`,
    timestamp: 0,
    retryable: false,
    ...fields,
  };
}
