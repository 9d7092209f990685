import { fileURLToPath } from 'node:url';
import { Controller, Get, Header } from '@nestjs/common';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../lib/client/index.js';
import {
  ChannelService,
  ConnectionService,
  HauynaGateway,
  identifyByQuery,
  OnChannelSubscribe,
} from '../../lib/index.js';
import { createTestApp, type TestApp } from '../../lib/testing/index.js';
import { App } from './react/room.js';

let script = '';
let subscribed = 0;
let closed = false;

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnChannelSubscribe('room:{id}')
  subscribe(): boolean {
    subscribed++;
    return !closed;
  }
}

/** The page, rendered on the server and taken over by the browser. */
@Controller()
class PageController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    const client = createClient('wss://nowhere.test/chat');
    const app = createElement(App, { client, rooms: ['first', 'second'] });
    const html = renderToString(createElement(StrictMode, null, app));
    return `<!doctype html><link rel="icon" href="data:,"><div id="root">${html}</div><script src="/page.js"></script>`;
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return script;
  }
}

let browser: Browser;
let app: TestApp;
let page: Page;
let complaints: string[];
let channels: ChannelService;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./react/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    // With React's checks: StrictMode mounts twice, and what is wrong is said on the console.
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  script = outputFiles[0]!.text;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
});

afterAll(() => browser.close());

beforeEach(async () => {
  subscribed = 0;
  closed = false;
  complaints = [];
  app = await createTestApp({
    providers: [ChatGateway],
    controllers: [PageController],
    options: {
      identify: identifyByQuery('user_id'),
      channels: { history: { 'room:{id}': { size: 1000, ttl: 60_000 } } },
      presence: { leaveDelay: 0 },
    },
  });
  channels = app.get(ChannelService);
  page = await browser.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterEach(async () => {
  await page.close();
  await app.close();
  expect(complaints).toEqual([]);
});

const text = (selector: string): Promise<string | null> => page.locator(selector).textContent();
const lines = (room: string): Promise<string[]> => page.locator(`#${room} li`).allTextContents();
const show = (...rooms: string[]): Promise<void> => page.evaluate((ids) => globalThis.show(ids), rooms);

async function open(): Promise<void> {
  await page.goto(app.httpUrl);
  for (const room of ['first', 'second']) {
    await expect.poll(() => text(`#${room} .state`)).toBe('subscribed');
  }
}

async function say(from: number, to: number): Promise<void> {
  for (let i = from; i <= to; i++) await channels.broadcast('room:1', `m${i}`);
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `m${from + i}`);

describe('the hooks for React, in a browser and in StrictMode', () => {
  it('two components share one subscription, see the history, then what comes, and who is here', async () => {
    await say(1, 3);
    await open();
    expect(subscribed).toBe(1);
    expect(await channels.subscriptionCount('room:1')).toBe(1);
    await expect.poll(() => lines('first')).toEqual(numbered(1, 3));
    await say(4, 5);
    for (const room of ['first', 'second']) {
      await expect.poll(() => lines(room)).toEqual(numbered(1, 5));
      expect(await text(`#${room} .heard`)).toBe('2');
      expect(await text(`#${room} .members`)).toBe('ana');
    }
    expect(await text('#connection')).toBe('connected');
  });

  it('a lost connection takes nothing from the page, and what was missed is filled in', async () => {
    await open();
    await say(1, 3);
    await expect.poll(() => lines('first')).toEqual(numbered(1, 3));
    await page.evaluate(() => (globalThis.seen = []));
    await app.get(ConnectionService).disconnect({ userId: 'ana' }, { code: 4201, reason: 'rebalance' });
    await say(4, 8);
    for (const room of ['first', 'second']) {
      await expect.poll(() => lines(room)).toEqual(numbered(1, 8));
      expect(await text(`#${room} .heard`)).toBe('8');
    }
    const seen = await page.evaluate(() => globalThis.seen);
    expect(seen.some((entry) => entry.startsWith('reconnecting'))).toBe(true);
    expect(Math.min(...seen.map((entry) => Number(entry.split(' ')[1])))).toBe(3);
    expect(await text('#connection')).toBe('connected');
  });

  it('the subscription lasts until the last component is gone, and comes back with the next', async () => {
    await open();
    await show('second');
    await say(1, 2);
    await expect.poll(() => lines('second')).toEqual(numbered(1, 2));
    expect(await channels.subscriptionCount('room:1')).toBe(1);
    await show();
    await expect.poll(() => channels.subscriptionCount('room:1')).toBe(0);
    await say(3, 4);
    await show('first');
    await expect.poll(() => lines('first')).toEqual(numbered(1, 4));
    await expect.poll(() => text('#first .members')).toBe('ana');
    expect(subscribed).toBe(2);
  });

  it('a component that takes the place of another in one step keeps the subscription', async () => {
    await open();
    await show('first');
    await show('third');
    await expect.poll(() => text('#third .state')).toBe('subscribed');
    await say(1, 1);
    await expect.poll(() => lines('third')).toEqual(['m1']);
    expect(subscribed).toBe(1);
  });

  it('a refusal is shown by every component, and tried again by the next one that is mounted', async () => {
    closed = true;
    await page.goto(app.httpUrl);
    for (const room of ['first', 'second']) {
      await expect.poll(() => text(`#${room} .state`)).toBe('forbidden');
    }
    expect(subscribed).toBe(1);
    closed = false;
    await show('first', 'second', 'third');
    for (const room of ['first', 'second', 'third']) {
      await expect.poll(() => text(`#${room} .state`)).toBe('subscribed');
    }
  });
});
