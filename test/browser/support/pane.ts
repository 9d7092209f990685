import type { FrameLocator, Locator, Page } from 'playwright-core';

/** One person of the playground, as a visitor sees and uses them. */
export class Pane {
  constructor(private readonly root: FrameLocator | Page) {}

  static of(page: Page, user: string): Pane {
    return new Pane(page.frameLocator(`#pane-${user}`));
  }

  find(selector: string, hasText?: string | RegExp): Locator {
    const found = this.root.locator(selector);
    return hasText === undefined ? found : found.filter({ hasText });
  }

  async connected(): Promise<void> {
    await this.find('#pill[data-state="connected"]').waitFor();
    await this.find('.people li', 'Bot').waitFor();
  }

  /** @param to `room`, `private luis`, `group` or `broadcast` */
  async say(text: string, to = 'room'): Promise<void> {
    await this.find('#to').selectOption(to);
    await this.find('#text').fill(text);
    await this.find('#text').press('Enter');
  }

  message(text: string): Locator {
    return this.find('.message', text);
  }

  /** Watches what the pill of the connection says. @returns asks for every state since then */
  async watchStates(): Promise<() => Promise<string[]>> {
    const pill = this.find('#pill');
    await pill.evaluate((element) => {
      const { dataset } = element as HTMLElement;
      dataset['states'] = dataset['state'] ?? '';
      new MutationObserver(() => {
        const seen = (dataset['states'] ?? '').split(' ');
        if (seen.at(-1) !== dataset['state']) dataset['states'] = [...seen, dataset['state']].join(' ');
      }).observe(element, { attributes: true, attributeFilter: ['data-state'] });
    });
    return async () => ((await pill.getAttribute('data-states')) ?? '').split(' ');
  }

  person(name: string): Locator {
    return this.find('.people li', name);
  }
}
