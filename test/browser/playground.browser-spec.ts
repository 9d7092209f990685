import type { Browser, Page } from 'playwright-core';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, visit, type Visit } from './support/browser.js';
import { Pane } from './support/pane.js';
import { startSample, type RunningSample } from './support/sample.js';

let sample: RunningSample;
let browser: Browser;
let visitor: Visit;
let page: Page;
let ana: Pane;
let luis: Pane;

beforeAll(async () => {
  [sample, browser] = await Promise.all([startSample('01-playground'), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await sample?.stop();
});

beforeEach(async () => {
  visitor = await visit(browser, sample.host);
  page = await visitor.context.newPage();
  await page.goto(sample.url);
  [ana, luis] = [Pane.of(page, 'ana'), Pane.of(page, 'luis')];
  await Promise.all([ana.connected(), luis.connected()]);
});

afterEach(async () => {
  await visitor.context.close();
  expect(visitor.complaints).toEqual([]);
});

let count = 0;
/** A text no other test has said. */
const unique = (text: string): string => `${text} ${++count}`;

describe('talking', () => {
  it('shows in both panes what one of them says, within a second', async () => {
    const text = unique('good morning');
    await ana.say(text);
    await Promise.all([ana, luis].map((pane) => pane.message(text).waitFor({ timeout: 1000 })));
  });

  it('brings a private message to its user and to nobody else', async () => {
    await luis.find('.room', 'support').click();
    const secret = unique('a secret');
    await ana.say(secret, 'private luis');
    await luis.message(secret).waitFor();
    expect(await luis.message(secret).locator('.via').textContent()).toBe('private');
    const third = new Pane(await open(visitor, '/pane.html?user=eva'));
    await third.connected();
    const next = unique('to all');
    await ana.say(next, 'broadcast');
    await third.message(next).waitFor();
    expect(await third.message(secret).count()).toBe(0);
  });

  it('reaches with a group message its members only, and with a broadcast everybody', async () => {
    await role(luis, 'Ana', 'promote');
    const inGroup = unique('moderators, please');
    await luis.say(inGroup, 'group');
    await ana.message(inGroup).waitFor();
    expect(await ana.message(inGroup).locator('.via').textContent()).toBe('group moderators');
    const toAll = unique('everybody, please');
    await luis.say(toAll, 'broadcast');
    await Promise.all([ana, luis].map((pane) => pane.message(toAll).waitFor()));
    await role(luis, 'Ana', 'demote');
  });

  it('keeps rooms apart, and offers a new room to everybody', async () => {
    const room = `room-${Date.now()}`;
    await ana.find('#new-room-name').fill(room);
    await ana.find('#new-room-name').press('Enter');
    await ana.find('#room-name', room).waitFor();
    const inside = unique('only in here');
    await ana.say(inside);
    await ana.message(inside).waitFor();
    const outside = unique('out there');
    await luis.say(outside);
    await luis.message(outside).waitFor();
    expect(await luis.message(inside).count()).toBe(0);
    await luis.find('.room', room).click();
    // Whoever joins later finds what was said before.
    await luis.message(inside).waitFor();
    await luis.person('Ana').waitFor();
  });
});

describe('presence', () => {
  it('counts tabs, and lets nobody leave before the last one is closed', async () => {
    const tab = await open(visitor, '/pane.html?user=ana');
    await luis.person('Ana').filter({ hasText: '2 tabs' }).waitFor();
    await tab.close();
    await luis.person('Ana').filter({ hasText: '2 tabs' }).waitFor({ state: 'detached' });
    await luis.person('Ana').waitFor();
    const text = unique('still here');
    await ana.say(text);
    await luis.message(text).waitFor();
  });

  it('lets a user be away, for all to see', async () => {
    await ana.find('#me-status').click();
    await luis.person('Ana').filter({ hasText: 'away' }).waitFor();
    await ana.find('#me-status').click();
    await luis.person('Ana').filter({ hasText: 'away' }).waitFor({ state: 'detached' });
  });

  it('shows the last tab of a user leaving', async () => {
    const tab = await open(visitor, '/pane.html?user=eva');
    await luis.person('Eva').waitFor();
    await tab.close();
    await luis.person('Eva').waitFor({ state: 'detached' });
  });

  it('answers over REST who is in a room and who somebody is', async () => {
    const inRoom = await (await fetch(`${sample.url}/presence?channel=general&status=online`)).json();
    expect(Object.keys(inRoom as object)).toEqual(expect.arrayContaining(['ana', 'luis', 'bot']));
    const one = await (await fetch(`${sample.url}/presence/ana`)).json();
    expect(one).toMatchObject({ userId: 'ana', connections: 1, metadata: { name: 'Ana', tabs: 1 } });
    expect((await fetch(`${sample.url}/presence/nobody`)).status).toBe(404);
  });
});

describe('a lost connection', () => {
  it('comes back by itself, with what was said meanwhile, and nobody saw it leave', async () => {
    const watch = await watchFor(luis, 'Ana');
    await ana.find('#drop').click();
    await ana.find('#pill[data-state="reconnecting"]', /back in \d/).waitFor();
    const text = unique('while you were away');
    await luis.say(text);
    await ana.find('.notice.good').waitFor({ timeout: 8000 });
    await ana.message(text).waitFor();
    expect(await ana.find('#score').textContent()).toContain('0 missing');
    expect(await watch()).toBe(true);
    const after = unique('and on we go');
    await ana.say(after);
    await luis.message(after).waitFor();
  });
});

describe('moderation', () => {
  it('is refused to others with an error frame, and allowed once promoted', async () => {
    const text = unique('worth pinning');
    await ana.say(text);
    await luis.message(text).waitFor();
    await luis.find('#pin').click();
    await luis.find('.refusal', '"forbidden"').waitFor();
    expect(await luis.find('#pinned').isVisible()).toBe(false);
    await role(ana, 'Luis', 'promote');
    await luis.find('#me-badge').waitFor();
    await luis.find('#pin').click();
    await Promise.all([ana, luis].map((pane) => pane.find('#pinned', text).waitFor()));
    await luis.find('#pin').click();
    await ana.find('#pinned').waitFor({ state: 'hidden' });
    await role(ana, 'Luis', 'demote');
  });
});

describe('the drawers', () => {
  it('run the JavaScript of the original README and show what it prints', async () => {
    await page.click('[data-drawer="seed"]');
    await page.locator('#seed-example option').first().waitFor({ state: 'attached' });
    expect(await page.inputValue('#seed-code')).toContain(
      "new WebSocket('ws://localhost:3000/chat?user_id=123&room=general')",
    );
    await page.click('#seed-run');
    await page.locator('#seed-console .log', { hasText: 'Mensaje recibido: Hola a todos!' }).waitFor();
    await page.locator('#seed-console .log', { hasText: 'Mensaje recibido: Hola grupo!' }).waitFor();
    await ana.message('Hola a todos!').first().waitFor();
    await page.selectOption('#seed-example', 'channels');
    await page.click('#seed-run');
    await page.locator('#seed-console .log', { hasText: 'Usuario 123 join' }).waitFor();
  });

  it('show every frame, without heartbeats unless asked', async () => {
    const text = unique('a frame');
    await ana.say(text);
    await page.click('[data-drawer="frames"]');
    const sent = page.locator('#frames-list details', { hasText: 'channel_message general' }).first();
    await sent.click();
    await sent.locator('pre', { hasText: text }).waitFor();
    expect(await page.locator('#frames-list', { hasText: 'heartbeat' }).count()).toBe(0);
    await page.check('#frames-beats');
    await page.locator('#frames-list details', { hasText: 'heartbeat' }).first().waitFor();
  });

  it('show the source of the server, and no other file', async () => {
    await page.click('[data-drawer="code"]');
    await page.locator('#code-text', { hasText: "@HauynaGateway({ path: '/chat' })" }).waitFor();
    await page.selectOption('#code-file', 'public/js/pane/session.js');
    await page.locator('#code-text', { hasText: "createClient('/chat'" }).waitFor();
    for (const path of [
      '/source/package.json',
      '/source/..%2fstart.mjs',
      '/source/lab/../../start.mjs',
      '/..%2fmain.ts',
      '/css/..%2f..%2fmain.ts',
    ]) {
      expect((await fetch(`${sample.url}${path}`)).status, path).toBe(404);
    }
  });

  it('close with Escape, and give the focus back', async () => {
    await page.focus('[data-drawer="code"]');
    await page.keyboard.press('Enter');
    await page.locator('#drawer').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#drawer').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-drawer'))).toBe('code');
  });
});

describe('the page', () => {
  it('speaks Spanish in every frame when asked', async () => {
    await page.click('#language');
    await page.locator('h1', { hasText: 'La sala que no puedes romper' }).waitFor();
    await luis.find('#composer button', 'Enviar').waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('es');
  });

  it('has no horizontal scroll at 390 px, and shows one person at a time', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await page.locator('#pane-luis').isVisible()).toBe(false);
    await page.click('#tab-luis');
    expect(await page.locator('#pane-luis').isVisible()).toBe(true);
    const pane = page.frames().find((frame) => frame.url().includes('user=luis'));
    expect(await pane?.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  it('is dark when the system is, or when asked', async () => {
    const surface = (): Promise<string> =>
      ana.find('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    const light = await surface();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await surface();
    expect(dark).not.toBe(light);
    await page.click('#theme');
    await expect.poll(surface).toBe(light);
  });

  it('weighs at most 45 kB, gzipped, with the client', async () => {
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    const panes = page.frames().map((frame) => frame.url());
    const inPanes = await Promise.all(
      page
        .frames()
        .map((frame) =>
          frame.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name)),
        ),
    );
    const urls = [
      ...new Set([...loaded, ...panes, ...inPanes.flat()].map((url) => url.split('?')[0] as string)),
    ];
    let bytes = 0;
    for (const url of urls.filter((url) => url.startsWith(sample.url))) {
      bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length;
    }
    expect(urls.length).toBeGreaterThan(20);
    expect(bytes).toBeLessThan(45_000);
  });
});

describe('Ctrl-C', () => {
  it('tells every client, says how many, and they are back when it runs again', async () => {
    const printed = await sample.stop();
    expect(printed).toContain('2 clients were told.');
    await ana.find('#pill[data-state="reconnecting"]').waitFor();
    sample = await startSample('01-playground', sample.host.split(':')[1]);
    await Promise.all([ana.connected(), luis.connected()]);
    const text = unique('as if nothing had happened');
    await ana.say(text);
    await luis.message(text).waitFor();
    // Chromium itself logs every attempt that finds nobody.
    const own = visitor.complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'));
    visitor.complaints.splice(0, visitor.complaints.length, ...own);
  });
});

async function open({ context }: Visit, path: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`${sample.url}${path}`);
  return tab;
}

/** Presses the button next to a person and waits until it says the opposite. */
async function role(pane: Pane, name: string, wanted: 'promote' | 'demote'): Promise<void> {
  const button = pane.person(name).locator('.role');
  await button.and(pane.find(`[data-moderator="${String(wanted === 'demote')}"]`)).click();
  await pane
    .find(`[data-moderator="${String(wanted === 'promote')}"]`)
    .and(button)
    .waitFor();
}

/** Watches whether somebody stays in the list. @returns asks for the result */
async function watchFor(pane: Pane, name: string): Promise<() => Promise<boolean>> {
  const list = pane.find('#people');
  await list.evaluate((people, wanted) => {
    const state = people as HTMLElement;
    state.dataset['stayed'] = 'true';
    new MutationObserver(() => {
      if (!state.textContent?.includes(wanted)) state.dataset['stayed'] = 'false';
    }).observe(people, { childList: true, subtree: true });
  }, name);
  return async () => (await list.getAttribute('data-stayed')) === 'true';
}
