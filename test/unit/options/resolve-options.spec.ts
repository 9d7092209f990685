import { describe, expect, it } from 'vitest';
import { HauynaConfigurationError } from '../../../lib/errors/hauyna.error.js';
import type { HauynaOptions } from '../../../lib/options/hauyna.options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const problem = (options: unknown): string => {
  try {
    resolveOptions(options as HauynaOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(HauynaConfigurationError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
};

describe('resolveOptions', () => {
  it('fills in every default', () => {
    expect(resolveOptions()).toEqual({
      identify: null,
      heartbeat: { interval: 30_000, timeout: 60_000 },
      idleTimeout: 300_000,
      retryPolicy: { maxAttempts: 5, baseDelay: 1000, maxDelay: 30_000, multiplier: 2, jitter: 0.1 },
      channels: {
        unmatched: 'open',
        clientPublish: 'subscribers',
        autoSubscribe: ['channel'],
        history: {},
        announce: true,
      },
      sessionTtl: 5000,
      serveClient: null,
      groups: { lifetime: 'persistent' },
      presence: { leaveDelay: 5000, maxMetadataBytes: 4096, indexes: ['status'] },
      limits: {
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
      },
      origins: null,
      clientMessages: 'open',
      unknownPath: 'auto',
      drain: { timeout: 10_000 },
    });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(resolveOptions())).toBe(true);
  });

  it('leaves the given object as it is', () => {
    const given: HauynaOptions = { limits: { burst: 7 }, heartbeat: { interval: 5 } };
    resolveOptions(given);
    expect(given).toEqual({ limits: { burst: 7 }, heartbeat: { interval: 5 } });
  });

  it('`false` turns heartbeat and idle detection off', () => {
    expect(resolveOptions({ heartbeat: false, idleTimeout: false })).toMatchObject({
      heartbeat: null,
      idleTimeout: null,
    });
  });

  it('undefined is the same as not given', () => {
    expect(resolveOptions({ idleTimeout: undefined } as unknown as HauynaOptions).idleTimeout).toBe(300_000);
  });

  it.each<[unknown, string]>([
    [null, 'options must be an object'],
    [[], 'options must be an object'],
    ['x', 'options must be an object'],
    [{ limit: {} }, 'limit is not an option; known are identify'],
    [{ limits: { maxpayload: 1 } }, 'limits.maxpayload is not an option; known are maxPayload'],
    [{ limits: { burst: 0 } }, 'limits.burst must be a number of at least 1, got 0'],
    [{ limits: { burst: '5' } }, "limits.burst must be a number of at least 1, got '5'"],
    [{ limits: { burst: Number.NaN } }, 'limits.burst must be a number of at least 1, got NaN'],
    [{ heartbeat: true }, 'heartbeat must be an object'],
    [{ heartbeat: { interval: Infinity } }, 'heartbeat.interval must be'],
    [{ idleTimeout: 0 }, 'idleTimeout must be a number of at least 1'],
    [{ retryPolicy: { maxAttempts: 1.5 } }, 'retryPolicy.maxAttempts must be a whole number'],
    [{ retryPolicy: { jitter: 1.1 } }, 'retryPolicy.jitter must be a number from 0 to 1'],
    [{ channels: { history: [] } }, 'channels.history must be an object'],
    [
      { channels: { history: { a: { size: 1 } } } },
      "channels.history['a'] needs a size (publications) and a ttl (ms)",
    ],
    [{ channels: { announce: 'no' } }, "channels.announce must be true or false, got 'no'"],
    [{ presence: { leaveDelay: Infinity } }, 'presence.leaveDelay must be'],
    [{ presence: { indexes: [''] } }, 'presence.indexes must be a list of texts'],
    [{ drain: { timeout: -1 } }, 'drain.timeout must be a number of at least 0, got -1'],
    [{ clientMessages: 'closed' }, "clientMessages must be 'open' or 'handlers', got 'closed'"],
    [{ identify: {} }, 'identify must be a function (request) => identity'],
    [{ origins: {} }, "origins must be a list of origins, '*' or a function"],
    [{ origins: ['https://a.b/path', 7] }, "origins: '7' is not an origin"],
  ])('%j is refused: %s', (options, text) => {
    expect(problem(options)).toContain(text);
  });

  it('names every problem at once', () => {
    expect(problem({ a: 1, idleTimeout: -1, drain: { timeout: 'x' } }).split('\n  - ')).toHaveLength(4);
  });

  it('turns origins into their one spelling', () => {
    expect(
      resolveOptions({ origins: ['https://App.example.com:443/', 'http://localhost:80'] }).origins,
    ).toEqual(['https://app.example.com', 'http://localhost']);
  });
});
