import { describe, expect, it } from 'vitest';
import { ConnectionStates } from '../../../lib/connection/connection-states.js';
import { CONNECTION_STATES } from '../../../lib/protocol/server-frames.js';

describe('ConnectionStates', () => {
  it('has the table of the original', () => {
    const states = new ConnectionStates();
    const allowed = CONNECTION_STATES.map((from) =>
      CONNECTION_STATES.filter((to) => states.allows(from, to)),
    );
    expect(allowed).toEqual([
      ['connected', 'idle', 'disconnected', 'error'],
      ['connected', 'idle', 'disconnected', 'error'],
      ['disconnected', 'reconnecting', 'error'],
      ['connected', 'reconnecting', 'error'],
      ['reconnecting', 'error'],
    ]);
  });

  it('an added transition is one way, and belongs to one table', () => {
    const [one, other] = [new ConnectionStates(), new ConnectionStates()];
    one.add('error', 'connected');
    expect([one.allows('error', 'connected'), one.allows('connected', 'reconnecting')]).toEqual([
      true,
      false,
    ]);
    expect(other.allows('error', 'connected')).toBe(false);
  });
});
