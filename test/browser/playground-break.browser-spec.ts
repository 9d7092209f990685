import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, visit, type Visit } from './support/browser.js';
import { startSample, type RunningSample } from './support/sample.js';
import { Stage } from './support/stage.js';

let sample: RunningSample;
let browser: Browser;
let visitor: Visit;
let stage: Stage;

beforeAll(async () => {
  [sample, browser] = await Promise.all([startSample('01-playground'), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await sample?.stop();
});

beforeEach(async () => {
  visitor = await visit(browser, sample.host);
  const page = await visitor.context.newPage();
  await page.goto(sample.url);
  stage = new Stage(page);
  await stage.connected();
});

afterEach(async () => {
  await visitor.context.close();
  await fetch(`${sample.url}/lab/faults/ana`, { method: 'POST' });
  expect(visitor.complaints).toEqual([]);
});

describe('the room you cannot break', () => {
  it('loses nothing and repeats nothing while everything is dropped five times and the server restarts', async () => {
    await stage.press('traffic');
    await stage.reaches('sent', 20);
    for (let drop = 1; drop <= 5; drop++) {
      await stage.press('dropAll');
      await stage.reaches('reconnects', 2 * drop);
    }
    await stage.press('restart');
    await stage.reaches('reconnects', 12, 15_000);
    const sent = await stage.figure('sent');
    await stage.reaches('sent', sent + 40);
    await stage.press('traffic');
    await stage.expectWhole();
    expect(await stage.figure('recovered')).toBeGreaterThan(60);
    expect(await stage.figure('received')).toBeGreaterThan(2 * sent);
    forgiveRefusedConnections();
  });

  it('keeps what was said over a restart, and both people are back within eight seconds', async () => {
    await stage.ana.say('said before the restart');
    await stage.luis.message('said before the restart').waitFor();
    await stage.press('restart');
    await stage.reaches('reconnects', 2, 12_000);
    expect(await stage.figure('longestGap')).toBeLessThan(8);
    expect(await stage.ana.find('.notice', '(1012)').count()).toBe(1);
    await stage.page.click('#late');
    await stage.page.locator('#past .replayed', { hasText: 'said before the restart' }).waitFor();
    await stage.expectWhole();
    forgiveRefusedConnections();
  });

  it('finds the gaps when one publication in five is lost, and brings back what is missing', async () => {
    await stage.press('loss');
    await stage.press('traffic');
    await stage.reaches('recovered', 30, 20_000);
    await stage.press('loss');
    await stage.press('traffic');
    await stage.expectWhole();
    expect(await stage.figure('reconnects')).toBe(0);
  });

  it('finds out by its heartbeat that a line is dead, and goes on over another one', async () => {
    await stage.press('traffic');
    await stage.press('freeze');
    await stage.ana.find('#pill[data-state="reconnecting"]').waitFor({ timeout: 6000 });
    await stage.ana.find('.notice', '(4203)').waitFor();
    await stage.ana.find('.notice.good').waitFor({ timeout: 6000 });
    // The silence before it was noticed counts, too.
    await stage.reaches('longestGap', 2.5);
    await stage.press('traffic');
    await stage.expectWhole();
    expect(await stage.figure('reconnects')).toBe(1);
  });

  it('renews a token that has run out without anybody noticing', async () => {
    const states = await stage.ana.watchStates();
    await stage.press('expire');
    await stage.ana.find('.notice', 'The token has run out.').waitFor();
    await stage.ana.find('.notice.good', 'on the same connection').waitFor({ timeout: 8000 });
    await stage.ana.say('as if nothing had happened');
    await stage.luis.message('as if nothing had happened').waitFor();
    expect(await states()).toEqual(['connected']);
    expect(await stage.figure('reconnects')).toBe(0);
  });

  it('drops one person, and the other one stays', async () => {
    const states = await stage.luis.watchStates();
    await stage.press('drop');
    await stage.ana.find('.notice.good').waitFor({ timeout: 6000 });
    expect(await states()).toEqual(['connected']);
    await stage.expectWhole();
  });
});

describe('what is sent wrongly', () => {
  it('is answered with an error of a type, and the connection stays', async () => {
    const states = await stage.ana.watchStates();
    for (const type of ['parse_error', 'unknown_type', 'validation_error', 'not_subscribed']) {
      await stage.press('garbage');
      await stage.ana.find('.refusal', `"${type}"`).waitFor();
    }
    await stage.ana.say('still here');
    await stage.luis.message('still here').waitFor();
    expect(await states()).toEqual(['connected']);
  });

  it('ends the connection when there is no end to it, and a click connects again with everything missed', async () => {
    await stage.page.evaluate(() => {
      const button = document.querySelector<HTMLButtonElement>('[data-break="garbage"]');
      for (let i = 0; i < 130; i++) button?.click();
    });
    await stage.ana.find('#pill[data-state="closed"]').waitFor();
    await stage.ana.find('.notice', '(4009)').waitFor();
    await stage.luis.say('said behind a closed door');
    await stage.luis.message('said behind a closed door').waitFor();
    await stage.ana.find('#drop', 'Connect again').click();
    await stage.ana.message('said behind a closed door').waitFor();
    await stage.expectWhole();
  });

  it('is refused beyond a rate, and nobody else feels a flood', async () => {
    await stage.press('flood');
    await stage.page.locator('#flood').waitFor();
    await stage.ana.say('in the middle of a flood');
    await stage.luis.message('in the middle of a flood').waitFor({ timeout: 1000 });
    const told = stage.page.locator('#told', { hasText: 'rate_limited' });
    await told.waitFor({ timeout: 10_000 });
    const [accepted, refused] = ((await told.textContent()) ?? '').match(/\d+/g) as string[];
    expect(Number(accepted) + Number(refused)).toBe(3000);
    expect(Number(accepted)).toBeGreaterThanOrEqual(300);
    expect(Number(accepted)).toBeLessThan(1000);
    await stage.expectWhole();
  });
});

describe('the latency', () => {
  it('shows 300 ms more when the way is 300 ms longer', async () => {
    await stage.press('delay');
    await expect
      .poll(async () => Number.parseFloat((await stage.ana.find('#latency-client').textContent()) ?? ''))
      .toBeGreaterThanOrEqual(300);
    expect(await stage.page.locator('[data-break="delay"]').getAttribute('aria-pressed')).toBe('true');
    await stage.page.locator('#quantiles-ana', { hasText: /p95 3\d\d ms/ }).waitFor();
    await stage.press('delay');
  });
});

describe('the history', () => {
  it('goes back to the oldest message the channel has kept', async () => {
    const { page } = stage;
    // More than the hundred that are kept.
    const writer = await writerInGeneral();
    await writer.write(120);
    await stage.ana.message('line 120').waitFor();
    await page.click('#late');
    await page.locator('#past .replayed').nth(19).waitFor();
    await page.focus('#back');
    await page.keyboard.press('End');
    await page.locator('#back-value', { hasText: '100 back' }).waitFor();
    const offsets = await page
      .locator('#past li')
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset['offset'])));
    expect(await page.getAttribute('#back', 'max')).toBe('100');
    await page.keyboard.press('Home');
    await page.locator('#back-value', { hasText: 'now' }).waitFor();
    const last = Number(await page.locator('#past li').last().getAttribute('data-offset'));
    expect(offsets[0]).toBeGreaterThan(1);
    expect(last - (offsets[0] as number)).toBeGreaterThanOrEqual(99);
    expect(last - (offsets[0] as number)).toBeLessThan(103);
  });

  it('is replayed to whoever joins late, tinted, before what is live', async () => {
    await stage.ana.say('long before');
    await stage.luis.message('long before').waitFor();
    await stage.page.click('#late');
    await stage.page.locator('#past .replayed', { hasText: 'long before' }).waitFor();
    await stage.luis.say('and now');
    const live = stage.page.locator('#past .live', { hasText: 'and now' });
    await live.waitFor();
    const background = (selector: string): Promise<string> =>
      stage.page
        .locator(selector)
        .last()
        .evaluate((row) => getComputedStyle(row).backgroundColor);
    expect(await background('#past .replayed')).not.toBe(await background('#past .live'));
    // Nobody has seen it come.
    expect(await stage.ana.find('.people li').count()).toBe(3);
  });
});

describe('the scoreboard', () => {
  it('does not hide what is lost for good: the pane is told, and the figure turns red', async () => {
    const writer = await writerInGeneral();
    await stage.press('drop');
    await stage.ana.find('#pill[data-state="reconnecting"]').waitFor();
    // More than the hundred that are kept.
    await writer.write(120);
    await stage.ana.find('.notice.bad', 'The history does not reach back that far').waitFor();
    await stage.luis.say('the next one shows the gap');
    await stage.ana.message('the next one shows the gap').waitFor();
    await stage.reaches('missing', 120);
    await stage.page.locator('[data-score="missing"].bad').waitFor();
  });

  it('counts a number that is left out as missing and one that comes again as a duplicate', async () => {
    const counted = await stage.page.evaluate(`(async () => {
      const { Score } = await import('/js/pane/score.js');
      const score = new Score();
      return [4, 5, 8, 7, 7, 9].map((n) => {
        score.take('bot', n);
        return [score.missing, score.duplicates];
      });
    })()`);
    expect(counted).toEqual([
      [0, 0],
      [0, 0],
      [2, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ]);
  });

  it('turns red, and stays so, once anything was missing', async () => {
    const missing = stage.page.locator('[data-score="missing"]');
    const post = (missing: number): Promise<void> =>
      stage.page.evaluate((missing) => {
        const score = {
          sent: 1,
          received: 1,
          missing,
          duplicates: 0,
          recovered: 0,
          reconnects: 0,
          longestGap: 0,
        };
        postMessage({ hauyna: 'score', user: 'eva', score }, location.origin);
      }, missing);
    const background = (): Promise<string> =>
      missing.evaluate((item) => getComputedStyle(item).backgroundColor);
    await missing.and(stage.page.locator('[data-worst="0"]')).waitFor();
    const green = await background();
    await post(1);
    await stage.page.locator('[data-score="missing"].bad').waitFor();
    await post(0);
    await missing.locator('dd', { hasText: /^0$/ }).waitFor();
    await expect.poll(background).not.toBe(green);
    expect(await missing.getAttribute('data-worst')).toBe('1');
  });
});

/** Somebody else in the room general, who can say many lines at once. */
async function writerInGeneral(): Promise<{ write(lines: number): Promise<void> }> {
  // As text, because the runner would rewrite the import in a function.
  await stage.page.evaluate(`(async () => {
    const { createClient } = await import('/hauyna/client.js');
    window.writer = createClient('/chat?user_id=writer').channel('general');
    await window.writer.subscribe();
  })()`);
  return {
    write: async (lines) => {
      await stage.page.evaluate(`Promise.all(
        Array.from({ length: ${lines} }, (_, i) => window.writer.publish({ text: 'line ' + (i + 1) })),
      )`);
    },
  };
}

/** Chromium itself logs every attempt that finds nobody; a restart is meant to leave the port empty. */
function forgiveRefusedConnections(): void {
  const own = visitor.complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'));
  visitor.complaints.splice(0, visitor.complaints.length, ...own);
}
