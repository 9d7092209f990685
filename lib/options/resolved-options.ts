import type {
  ChannelOptions,
  DrainOptions,
  GroupOptions,
  HauynaOptions,
  Identify,
  LimitOptions,
  PresenceOptions,
  ResolvedHeartbeat,
} from './hauyna.options.js';
import type { RetryPolicy } from '../protocol/retry-policy.js';

/** The options with every default filled in; injectable, shared by the whole application, immutable. */
export class ResolvedOptions {
  readonly identify: Identify | null;
  readonly heartbeat: Readonly<ResolvedHeartbeat> | null;
  /** ms, or `null` for no idle detection. */
  readonly idleTimeout: number | null;
  readonly retryPolicy: Readonly<RetryPolicy>;
  /** ms, or `null` for no sessions. */
  readonly sessionTtl: number | null;
  readonly channels: Readonly<Required<ChannelOptions>>;
  readonly groups: Readonly<Required<GroupOptions>>;
  readonly presence: Readonly<Required<PresenceOptions>>;
  readonly limits: Readonly<Required<LimitOptions>>;
  readonly origins: HauynaOptions['origins'] | null;
  readonly clientMessages: 'open' | 'handlers';
  readonly unknownPath: 'auto' | '404' | 'ignore';
  readonly drain: Readonly<Required<DrainOptions>>;
  /** Path of the browser client, or `null`. */
  readonly serveClient: string | null;

  /** Takes values that have been checked; applications get one from `resolveOptions`. */
  constructor(values: ResolvedOptions) {
    this.identify = values.identify;
    this.heartbeat = values.heartbeat;
    this.idleTimeout = values.idleTimeout;
    this.retryPolicy = values.retryPolicy;
    this.sessionTtl = values.sessionTtl;
    this.channels = values.channels;
    this.groups = values.groups;
    this.presence = values.presence;
    this.limits = values.limits;
    this.origins = values.origins;
    this.clientMessages = values.clientMessages;
    this.unknownPath = values.unknownPath;
    this.drain = values.drain;
    this.serveClient = values.serveClient;
    Object.freeze(this);
  }
}
