import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../protocol/json.js';
import type { RetryPolicy } from '../protocol/retry-policy.js';

/** The HTTP request behind a WebSocket upgrade, with what the path and the query say. */
export interface UpgradeRequest extends IncomingMessage {
  /** Values of the path parameters, e.g. `roomId` of `/rooms/:roomId/chat`. Always text. */
  params: Record<string, string>;
  /** Query parameters. Always text; of equal names the last one counts. */
  query: Record<string, string>;
  /**
   * Credentials the client gave by itself (its option `token`), also as `Authorization: Bearer` where the request has no
   * such header, so guards made for HTTP find them.
   */
  token?: string;
}

/** Who is at the other end of a connection. */
export interface Identity {
  /** The user; 1–255 bytes of text. */
  userId: string;
  /** What other users may see. */
  info?: JsonObject;
  /** What only the server sees. */
  meta?: Record<string, unknown>;
  /**
   * When the credentials run out, ms since the Unix epoch. A client that has not sent new ones (`refresh`) 25 s later is
   * closed with 4301. @default never
   */
  expiresAt?: number;
}

/**
 * What may come out of an identification: an identity, a user id, or `null` for an anonymous connection.
 * `undefined` is the same as `null`.
 */
export type IdentityResult = Identity | string | null | undefined;

/** Finds out who is connecting. A throw refuses the upgrade: an `HttpException` with its status, anything else with 500. */
export type Identify = (request: UpgradeRequest) => IdentityResult | Promise<IdentityResult>;

/** Server pings. Times in ms. */
export interface HeartbeatOptions {
  /** Time between two pings. @default 30000 */
  interval?: number;
  /** Longest silence before a connection is closed with 4203. @default twice the `interval` */
  timeout?: number;
}

/** How much of a channel is kept. */
export interface HistoryOptions {
  /** Publications kept. */
  size: number;
  /** How long a publication is kept, ms. */
  ttl: number;
}

export interface ChannelOptions {
  /** What happens to a subscribe that no `@OnChannelSubscribe` pattern matches. @default 'open' */
  unmatched?: 'open' | 'deny';
  /**
   * Who may publish with `channel_message`: every subscriber, or only where an `@OnChannelMessage`
   * handler matches. @default 'subscribers'
   */
  clientPublish?: 'subscribers' | 'handlers';
  /** Query parameters whose value is a channel to subscribe to on connect. `[]` turns it off. @default ['channel'] */
  autoSubscribe?: string[];
  /** History per channel pattern, e.g. `{ 'room:{id}': { size: 100, ttl: 300_000 } }`. @default {} */
  history?: Record<string, HistoryOptions>;
  /** Whether subscribers are told of each other with `channel_event`. @default true */
  announce?: boolean;
}

/** How long a lost v1 connection may take to come back and go on. */
export interface SessionOptions {
  /**
   * Time to come back, ms. Within it nobody sees the client leave, its `connection.data` is kept, and requests it repeats
   * are answered without being carried out twice. @default `presence.leaveDelay`
   */
  ttl?: number;
}

export interface GroupOptions {
  /** Whether memberships outlive the user's last connection. @default 'persistent' */
  lifetime?: 'persistent' | 'connected';
}

export interface PresenceOptions {
  /** How long the leave of a connection that was lost without a close frame is held back, ms. @default 5000 */
  leaveDelay?: number;
  /** Largest metadata of one user or one user in one channel, bytes of JSON. @default 4096 */
  maxMetadataBytes?: number;
  /** Metadata keys to index from the start; other keys are indexed when they are first asked for. @default ['status'] */
  indexes?: string[];
}

/** Limits per connection unless said otherwise. `Infinity` turns one off. */
export interface LimitOptions {
  /** Largest message of a client, bytes. @default 65536 */
  maxPayload?: number;
  /** Deepest nesting of a message. @default 32 */
  maxDepth?: number;
  /** Most object keys in a message. @default 2000 */
  maxKeys?: number;
  /** Messages a client may send per second on average. @default 50 */
  messagesPerSecond?: number;
  /** Messages a client may send at once. @default 100 */
  burst?: number;
  /** Messages waiting to be handled before the socket is paused. @default 32 */
  inFlight?: number;
  /** Channels a connection may be subscribed to. @default 128 */
  subscriptions?: number;
  /** Open connections of one user on this node. @default 20 */
  connectionsPerUser?: number;
  /** Upgrades being decided at the same time, on this node. @default 1000 */
  pendingUpgrades?: number;
  /** Time an upgrade may take, ms. @default 10000 */
  upgradeTimeout?: number;
  /** Bytes waiting to be sent before a slow receiver is closed with 4103. @default 1048576 */
  outboxBytes?: number;
  /** Messages waiting to be sent before a slow receiver is closed with 4103. @default 1000 */
  outboxMessages?: number;
  /** Largest metadata of a subscription, bytes of JSON. @default 4096 */
  metadataBytes?: number;
  /** Faulty messages in one minute before the connection is closed with 4009. @default 10 */
  errorsPerMinute?: number;
}

export interface DrainOptions {
  /** Longest time `app.close()` waits for handlers and for clients to leave, ms. @default 10000 */
  timeout?: number;
}

/** Options of `HauynaModule.forRoot()`. Every one has a default. Times in ms, sizes in bytes. */
export interface HauynaOptions {
  /** Finds out who is connecting, unless a gateway has `@OnUpgrade()`. @default none: connections are anonymous */
  identify?: Identify;
  /** Server pings, or `false` for none. A gateway may override it. @default { interval: 30000, timeout: 60000 } */
  heartbeat?: HeartbeatOptions | false;
  /** Time without a message after which a connection is `idle`, or `false`. @default 300000 */
  idleTimeout?: number | false;
  /**
   * How clients should come back; told to v1 clients.
   * @default { maxAttempts: 5, baseDelay: 1000, maxDelay: 30000, multiplier: 2, jitter: 0.1 }
   */
  retryPolicy?: Partial<RetryPolicy>;
  /** Sessions that outlive a lost connection (v1 clients), or `false` for none. @default { ttl: presence.leaveDelay } */
  session?: SessionOptions | false;
  /** Who may subscribe and publish, and what is kept. @default open to everybody, nothing is kept */
  channels?: ChannelOptions;
  /** How long memberships last. */
  groups?: GroupOptions;
  /** How leaving is noticed, and what users may say of themselves. */
  presence?: PresenceOptions;
  /** What one client may cost. */
  limits?: LimitOptions;
  /**
   * Origins a browser may connect from: exact origins, `'*'` for all, or a function.
   * @default same host as the request; requests without Origin are let through
   */
  origins?: string[] | '*' | ((origin: string, request: UpgradeRequest) => boolean);
  /**
   * Whether clients may use `broadcast`, `private` and `group` without a handler of the application:
   * `'open'`, or `'handlers'` for only where `@OnBroadcastMessage` and the like are declared. @default 'open'
   */
  clientMessages?: 'open' | 'handlers';
  /**
   * What happens to an upgrade for a path no gateway serves: `'auto'` answers 404 unless another
   * upgrade listener may want it, `'404'` always answers, `'ignore'` never. @default 'auto'
   */
  unknownPath?: 'auto' | '404' | 'ignore';
  /** What `app.close()` waits for. */
  drain?: DrainOptions;
  /**
   * Serves the browser client as one file: `true` at `/hauyna/client.js`, or a path of your own; a page then needs no
   * bundler. @default false
   */
  serveClient?: boolean | string;
}

/** Options with every default filled in. */
export interface ResolvedHeartbeat {
  interval: number;
  timeout: number;
}
