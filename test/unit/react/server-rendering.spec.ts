import { createElement, StrictMode, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { createClient, type HauynaClient } from '../../../lib/client/index.js';
import {
  useChannel,
  useConnectionState,
  useEvent,
  useHistory,
  usePresence,
} from '../../../lib/react/index.js';

function Room({ client }: { client: HauynaClient }): ReactElement {
  const connection = useConnectionState(client);
  const { channel, state, error } = useChannel(client, 'room:1', { since: { last: 20 } });
  const messages = useHistory(channel);
  const members = usePresence(channel);
  useEvent(channel, 'message', () => {
    throw new Error('nothing is heard on a server');
  });
  return createElement(
    'p',
    null,
    [connection, state, String(error), messages.length, members.size, channel.name].join(' '),
  );
}

describe('the hooks for React, rendered on a server', () => {
  it('give the state before anything has happened, and open nothing', () => {
    const opened = vi.fn();
    class Socket {
      constructor() {
        opened();
      }
    }
    const timers = vi.fn();
    const clock = { now: () => 0, after: timers, every: timers, clear: () => undefined };
    const client = createClient('wss://example.test/chat', { WebSocket: Socket as never, clock });
    const html = renderToString(createElement(StrictMode, null, createElement(Room, { client })));
    expect(html).toBe('<p>idle idle undefined 0 0 room:1</p>');
    expect(opened).not.toHaveBeenCalled();
    expect(timers).not.toHaveBeenCalled();
    expect(client.state).toBe('idle');
    expect(client.channel('room:1').state).toBe('idle');
  });

  it('give the same when the client is connected already, as the first rendering in a browser has to', () => {
    const client = createClient('wss://example.test/chat');
    Object.defineProperty(client, 'state', { value: 'connected' });
    client.channel('room:1').state = 'subscribed';
    expect(renderToString(createElement(Room, { client }))).toBe('<p>idle idle undefined 0 0 room:1</p>');
  });

  it('say nothing on the console', () => {
    const said = vi.spyOn(console, 'error');
    const client = createClient('wss://example.test/chat');
    renderToString(createElement(Room, { client }));
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });
});
