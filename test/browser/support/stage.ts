import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { Pane } from './pane.js';

export type Figure =
  'sent' | 'received' | 'missing' | 'duplicates' | 'recovered' | 'reconnects' | 'longestGap';
export type Deed =
  'drop' | 'freeze' | 'delay' | 'loss' | 'expire' | 'garbage' | 'dropAll' | 'restart' | 'flood' | 'traffic';

/** The page around the two people: the panel "Break it" and the scoreboard, as a visitor uses and reads them. */
export class Stage {
  readonly ana: Pane;
  readonly luis: Pane;

  constructor(readonly page: Page) {
    [this.ana, this.luis] = [Pane.of(page, 'ana'), Pane.of(page, 'luis')];
  }

  async connected(): Promise<void> {
    await Promise.all([this.ana.connected(), this.luis.connected()]);
  }

  async press(deed: Deed): Promise<void> {
    await this.page.click(`[data-break="${deed}"]`);
  }

  /** What the scoreboard shows. */
  async figure(name: Figure): Promise<number> {
    const text = await this.page.locator(`[data-score="${name}"] dd`).textContent();
    return Number.parseFloat((text ?? '').replaceAll(',', ''));
  }

  /** Waits until a figure is at least so much. */
  async reaches(name: Figure, least: number, timeout = 10_000): Promise<void> {
    await expect.poll(() => this.figure(name), { timeout }).toBeGreaterThanOrEqual(least);
  }

  /** Waits until both people have all that both have sent, and checks that nothing was ever missing or came twice. */
  async expectWhole(): Promise<void> {
    await this.connected();
    await expect
      .poll(async () => (await this.figure('received')) - 2 * (await this.figure('sent')), {
        timeout: 10_000,
      })
      .toBeGreaterThanOrEqual(0);
    for (const name of ['missing', 'duplicates'] as const) {
      const item = this.page.locator(`[data-score="${name}"]`);
      expect(await item.locator('dd').textContent(), name).toBe('0');
      expect(await item.getAttribute('data-worst'), name).toBe('0');
      expect(await item.getAttribute('class'), name).not.toBe('bad');
    }
  }
}
