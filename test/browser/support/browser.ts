import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A fresh visitor, and everything that must not happen while they look around. */
export interface Visit {
  context: BrowserContext;
  /** Errors and warnings of any page, and requests to anybody but the sample; empty when all is well. */
  complaints: string[];
}

export async function visit(
  browser: Browser,
  host: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const complaints: string[] = [];
  await context.route(
    () => true,
    async (route) => {
      const url = new URL(route.request().url());
      if (url.host === host) {
        await route.continue();
        return;
      }
      complaints.push(`request to ${url.href}`);
      await route.abort();
    },
  );
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`exception: ${error.error().message}`));
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== host) complaints.push(`WebSocket to ${socket.url()}`);
    });
  });
  return { context, complaints };
}
