import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, visit, type Visit } from './support/browser.js';
import { startSample, type RunningSample } from './support/sample.js';

/** The JavaScript of the original README, word for word; the playground shows the same text. */
const EXAMPLES_FILE = new URL('../../sample/01-playground/public/js/stage/seed-examples.js', import.meta.url);
const EMPTY_PAGE = '/empty-page';

let examples: Record<'basic' | 'channels' | 'reconnect', string>;
let sample: RunningSample;
let browser: Browser;
let visitor: Visit;

beforeAll(async () => {
  ({ EXAMPLES: examples } = (await import(EXAMPLES_FILE.href)) as { EXAMPLES: typeof examples });
  [sample, browser] = await Promise.all([startSample('02-quick-start'), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await sample?.stop();
});

beforeEach(async () => {
  visitor = await visit(browser, sample.host);
  // A page that did not come over the network would have to ask before it may talk to this machine.
  await visitor.context.grantPermissions(['local-network-access']);
  // The quick start serves no page; an empty one of the same origin is all a browser needs.
  await visitor.context.route(`${sample.url}${EMPTY_PAGE}`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Console</title>' }),
  );
});

afterEach(async () => {
  await visitor.context.close();
  expect(visitor.complaints).toEqual([]);
});

describe('the first example of the original README', () => {
  it('sends to everybody, to one user and to a group, and prints what comes back', async () => {
    const other = await person('user456', '&room=tea');
    const me = await openConsole();
    await me.type(examples.basic);
    await me.printed('Mensaje recibido: Hola a todos!');
    await me.printed('Mensaje recibido: Hola grupo!');
    await other.received('Hola a todos!');
    await other.received('Hola usuario específico!');
    expect(await other.everything()).not.toContainEqual('Hola grupo!');
    expect(me.output.join('\n')).not.toContain('específico');
  });

  it('puts the user into the group of ?room= and tells its members', async () => {
    const first = await person('first', '&room=tea');
    await person('second', '&room=tea');
    await person('elsewhere', '&room=coffee');
    await first.received({ type: 'user_joined', user: 'first' });
    await first.received({ type: 'user_joined', user: 'second' });
    expect(await first.everything()).not.toContainEqual({ type: 'user_joined', user: 'elsewhere' });
  });
});

describe('the example of channels and presence', () => {
  it('subscribes, speaks, and prints the events of the channel and of presence', async () => {
    const other = await person('listener');
    await other.send({ type: 'subscribe_channel', channel: 'room1' });
    await other.received({ type: 'channel_event', event: 'subscription_added', channel: 'room1' });
    const me = await openConsole();
    await me.type(examples.channels);
    await me.printed('Usuario 123 join');
    await me.printed('Evento de canal: subscription_added');
    await other.received({ from: '123', text: '¡Hola a todos en room1!' });
    await me.page.close();
    await other.received({ type: 'presence_change', event: 'leave', user: '123', channel: 'room1' });
  });

  it('finds everybody in the channel general, with name and status', async () => {
    const other = await person('watcher');
    await openConsole().then((me) => me.type(examples.channels));
    await other.received({
      type: 'presence_change',
      event: 'join',
      user: '123',
      channel: 'general',
      metadata: { name: 'User 123', status: 'online' },
    });
  });
});

describe('the WebSocketClient of the original README', () => {
  it('connects, and its heartbeats are taken in silence', async () => {
    const me = await openConsole();
    await me.page.clock.install();
    const frames: { sent: string[]; received: string[] } = { sent: [], received: [] };
    me.page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => frames.sent.push(String(payload)));
      socket.on('framereceived', ({ payload }) => frames.received.push(String(payload)));
    });
    await me.run(examples.reconnect);
    await me.page.waitForFunction('ws.ws.readyState === WebSocket.OPEN');
    await me.page.clock.runFor(25_000);
    await expect.poll(() => frames.sent).toEqual(['{"type":"heartbeat"}']);
    await me.run('ws.ws.send(JSON.stringify({ type: "history", id: "last", channel: "none" }))');
    await expect.poll(() => frames.received.length).toBe(1);
    expect(frames.received[0]).toContain('"id":"last"');
  });
});

/** A page with an open console. */
async function openConsole(): Promise<{
  page: Page;
  output: string[];
  run(code: string): Promise<void>;
  type(code: string): Promise<void>;
  printed(line: string): Promise<void>;
}> {
  const page = await visitor.context.newPage();
  await page.goto(`${sample.url}${EMPTY_PAGE}`);
  const output: string[] = [];
  page.on('console', (message) => output.push(message.text()));
  const run = async (code: string): Promise<void> => {
    await page.addScriptTag({ content: code.replaceAll('localhost:3000', sample.host) });
  };
  return {
    page,
    output,
    run,
    /**
     * The examples send right after `new WebSocket(…)`, which a browser refuses while the socket connects. They are
     * meant to be typed into a console, where it has long opened by then: so the first statement, a pause, the rest.
     */
    async type(code) {
      const end = code.indexOf(';') + 1;
      await run(code.slice(0, end));
      await page.waitForFunction('ws.readyState === WebSocket.OPEN');
      await run(code.slice(end));
    },
    printed: (line) => expect.poll(() => output, { timeout: 5000 }).toContain(line),
  };
}

/** Somebody else, with a WebSocket and nothing more. */
async function person(
  user: string,
  query = '',
): Promise<{
  send(frame: object): Promise<void>;
  received(expected: unknown): Promise<void>;
  everything(): Promise<unknown[]>;
}> {
  const { page, run } = await openConsole();
  await run(`
    const received = [];
    const ws = new WebSocket('ws://localhost:3000/chat?user_id=${user}${query}');
    ws.onmessage = ({ data }) => received.push(JSON.parse(data));
  `);
  // Subscribed by the server on connecting, so it is in when this has arrived.
  await page.waitForFunction(`received.some((frame) => frame.type === 'presence_state')`);
  const everything = (): Promise<unknown[]> => page.evaluate('received');
  return {
    send: async (frame) => {
      await page.evaluate(`ws.send(${JSON.stringify(JSON.stringify(frame))})`);
    },
    received: async (expected) => {
      const wanted =
        typeof expected === 'object'
          ? (expect.objectContaining(withMetadata(expected as object)) as unknown)
          : expected;
      await expect.poll(everything, { timeout: 5000 }).toContainEqual(wanted);
    },
    everything,
  };
}

/** Metadata may say more than what is asked for. */
function withMetadata(frame: { metadata?: object }): object {
  return frame.metadata === undefined
    ? frame
    : { ...frame, metadata: expect.objectContaining(frame.metadata) as unknown };
}
