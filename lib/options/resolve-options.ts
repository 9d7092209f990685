import { HauynaConfigurationError } from '../errors/hauyna.error.js';
import { parseChannelPattern } from '../protocol/channel-pattern.js';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../protocol/retry-policy.js';
import type {
  ChannelOptions,
  HauynaOptions,
  HeartbeatOptions,
  HistoryOptions,
  LimitOptions,
  PresenceOptions,
  ResolvedHeartbeat,
} from './hauyna.options.js';
import { OptionChecks } from './option-checks.js';
import { ResolvedOptions } from './resolved-options.js';

/** Longest delay a timer can have, ms; a longer one would fire at once. */
const MAX_TIMER = 2_147_483_647;

const DEFAULT_HEARTBEAT: ResolvedHeartbeat = {
  interval: 30_000,
  timeout: 60_000,
};

const DEFAULT_LIMITS: Required<LimitOptions> = {
  maxPayload: 65_536,
  maxDepth: 32,
  maxKeys: 2000,
  messagesPerSecond: 50,
  burst: 100,
  inFlight: 32,
  subscriptions: 128,
  connectionsPerUser: 20,
  pendingUpgrades: 1000,
  upgradeTimeout: 10_000,
  outboxBytes: 1_048_576,
  outboxMessages: 1000,
  metadataBytes: 4096,
  errorsPerMinute: 10,
};

const OPTIONS = [
  'identify',
  'heartbeat',
  'idleTimeout',
  'retryPolicy',
  'session',
  'channels',
  'groups',
  'presence',
  'limits',
  'origins',
  'clientMessages',
  'unknownPath',
  'drain',
  'serveClient',
] as const satisfies readonly (keyof HauynaOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws HauynaConfigurationError that lists every problem at once.
 */
export function resolveOptions(given: HauynaOptions = {}): ResolvedOptions {
  const checks = new OptionChecks();
  const options = checks.section('options', given, OPTIONS);
  const groups = checks.section('groups', options.groups, ['lifetime']);
  const drain = checks.section('drain', options.drain, ['timeout']);
  if (options.identify !== undefined && typeof options.identify !== 'function') {
    checks.problems.push('identify must be a function (request) => identity');
  }
  const presence = resolvePresence(checks, options.presence);
  const resolved: ResolvedOptions = {
    identify: options.identify ?? null,
    heartbeat: resolveHeartbeat(checks, 'heartbeat', options.heartbeat, DEFAULT_HEARTBEAT),
    idleTimeout:
      options.idleTimeout === false
        ? null
        : checks.number('idleTimeout', options.idleTimeout, 300_000, {
            min: 1,
            infinite: false,
          }),
    retryPolicy: resolveRetryPolicy(checks, options.retryPolicy),
    channels: resolveChannels(checks, options.channels),
    groups: {
      lifetime: checks.oneOf('groups.lifetime', groups.lifetime, 'persistent', ['persistent', 'connected']),
    },
    presence,
    sessionTtl: resolveSession(checks, options.session, presence.leaveDelay),
    limits: resolveLimits(checks, options.limits),
    origins: resolveOrigins(checks, options.origins),
    clientMessages: checks.oneOf('clientMessages', options.clientMessages, 'open', ['open', 'handlers']),
    unknownPath: checks.oneOf('unknownPath', options.unknownPath, 'auto', ['auto', '404', 'ignore']),
    drain: {
      timeout: checks.number('drain.timeout', drain.timeout, 10_000, {
        infinite: false,
      }),
    },
    serveClient: resolveServeClient(checks, options.serveClient),
  };
  if (checks.problems.length > 0) {
    throw new HauynaConfigurationError(
      `HauynaModule options are wrong:\n${checks.problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return new ResolvedOptions(resolved);
}

/** Checks heartbeat options; also used for the override of one gateway. */
export function resolveHeartbeat(
  checks: OptionChecks,
  path: string,
  given: HeartbeatOptions | false | undefined,
  fallback: ResolvedHeartbeat | null,
): ResolvedHeartbeat | null {
  if (given === false) return null;
  if (given === undefined) return fallback;
  const base = fallback ?? DEFAULT_HEARTBEAT;
  const { interval, timeout } = checks.section(path, given, ['interval', 'timeout']);
  const rule = { min: 1, infinite: false };
  const resolvedInterval = checks.number(`${path}.interval`, interval, base.interval, rule);
  // Like the original: a timeout that is not given is twice the interval.
  const defaultTimeout = interval === undefined ? base.timeout : resolvedInterval * 2;
  const resolved = {
    interval: resolvedInterval,
    timeout: checks.number(`${path}.timeout`, timeout, defaultTimeout, rule),
  };
  if (resolved.timeout < resolved.interval) {
    checks.problems.push(
      `${path}.timeout (${resolved.timeout}) must not be shorter than ${path}.interval (${resolved.interval}), or every client would be closed before it is asked`,
    );
  }
  return resolved;
}

/** Checks a retry policy and fills it in; also used when an application changes it at run time. */
export function resolveRetryPolicy(
  checks: OptionChecks,
  given: Partial<RetryPolicy> | undefined,
  base: Readonly<RetryPolicy> = DEFAULT_RETRY_POLICY,
): RetryPolicy {
  const policy = checks.section('retryPolicy', given, Object.keys(DEFAULT_RETRY_POLICY));
  return {
    maxAttempts: checks.number('retryPolicy.maxAttempts', policy.maxAttempts, base.maxAttempts, {
      integer: true,
    }),
    baseDelay: checks.number('retryPolicy.baseDelay', policy.baseDelay, base.baseDelay, { infinite: false }),
    maxDelay: checks.number('retryPolicy.maxDelay', policy.maxDelay, base.maxDelay, { infinite: false }),
    multiplier: checks.number('retryPolicy.multiplier', policy.multiplier, base.multiplier, {
      min: 1,
      infinite: false,
    }),
    jitter: checks.number('retryPolicy.jitter', policy.jitter, base.jitter, {
      max: 1,
    }),
  };
}

function resolveSession(
  checks: OptionChecks,
  given: HauynaOptions['session'],
  leaveDelay: number,
): number | null {
  if (given === false) return null;
  const { ttl } = checks.section('session', given, ['ttl']);
  return checks.number('session.ttl', ttl, leaveDelay, { max: MAX_TIMER });
}

function resolveServeClient(checks: OptionChecks, given: HauynaOptions['serveClient']): string | null {
  if (given === undefined || given === false) return null;
  if (given === true) return '/hauyna/client.js';
  if (typeof given === 'string' && given.startsWith('/')) return given;
  checks.problems.push(
    `serveClient must be true, false or a path that begins with "/", got ${String(given)}`,
  );
  return null;
}

function resolveChannels(checks: OptionChecks, given: ChannelOptions | undefined): Required<ChannelOptions> {
  const known = ['unmatched', 'clientPublish', 'autoSubscribe', 'history', 'announce'];
  const channels = checks.section('channels', given, known);
  return {
    unmatched: checks.oneOf('channels.unmatched', channels.unmatched, 'open', ['open', 'deny']),
    clientPublish: checks.oneOf('channels.clientPublish', channels.clientPublish, 'subscribers', [
      'subscribers',
      'handlers',
    ]),
    autoSubscribe: checks.texts('channels.autoSubscribe', channels.autoSubscribe, ['channel']),
    history: resolveHistory(checks, channels.history),
    announce: checks.boolean('channels.announce', channels.announce, true),
  };
}

function resolveHistory(
  checks: OptionChecks,
  given: Record<string, HistoryOptions> | undefined,
): Record<string, HistoryOptions> {
  const resolved: Record<string, HistoryOptions> = {};
  if (given === undefined) return resolved;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    checks.problems.push('channels.history must be an object of pattern → { size, ttl }');
    return resolved;
  }
  for (const [pattern, value] of Object.entries(given)) {
    const path = `channels.history['${pattern}']`;
    try {
      parseChannelPattern(pattern);
    } catch (error) {
      checks.problems.push(`${path}: ${(error as Error).message}`);
    }
    const { size, ttl } = checks.section(path, value, ['size', 'ttl']);
    if (size === undefined || ttl === undefined) {
      checks.problems.push(`${path} needs a size (publications) and a ttl (ms)`);
      continue;
    }
    resolved[pattern] = {
      size: checks.number(`${path}.size`, size, 1, {
        min: 1,
        integer: true,
        infinite: false,
      }),
      ttl: checks.number(`${path}.ttl`, ttl, 1, { min: 1, infinite: false }),
    };
  }
  return resolved;
}

function resolvePresence(
  checks: OptionChecks,
  given: PresenceOptions | undefined,
): Required<PresenceOptions> {
  const presence = checks.section('presence', given, ['leaveDelay', 'maxMetadataBytes', 'indexes']);
  return {
    leaveDelay: checks.number('presence.leaveDelay', presence.leaveDelay, 5000, { max: MAX_TIMER }),
    maxMetadataBytes: checks.number('presence.maxMetadataBytes', presence.maxMetadataBytes, 4096, { min: 2 }),
    indexes: checks.texts('presence.indexes', presence.indexes, ['status']),
  };
}

/** Timers can't wait for ever, so this limit alone must be finite. */
const FINITE_LIMITS: ReadonlySet<string> = new Set(['upgradeTimeout']);

function resolveLimits(checks: OptionChecks, given: LimitOptions | undefined): Required<LimitOptions> {
  const limits = checks.section('limits', given, Object.keys(DEFAULT_LIMITS));
  const resolved = { ...DEFAULT_LIMITS };
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof LimitOptions)[]) {
    const rule = { min: 1, max: FINITE_LIMITS.has(key) ? MAX_TIMER : Infinity };
    resolved[key] = checks.number(`limits.${key}`, limits[key], DEFAULT_LIMITS[key], rule);
  }
  return resolved;
}

function resolveOrigins(
  checks: OptionChecks,
  given: HauynaOptions['origins'],
): HauynaOptions['origins'] | null {
  if (given === undefined) return null;
  if (given === '*' || typeof given === 'function') return given;
  if (!Array.isArray(given)) {
    checks.problems.push("origins must be a list of origins, '*' or a function");
    return null;
  }
  return given.map((origin) => {
    const parsed = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin).origin : 'null';
    if (parsed === 'null') {
      checks.problems.push(
        `origins: '${String(origin)}' is not an origin; write it like https://app.example.com`,
      );
    }
    return parsed;
  });
}
