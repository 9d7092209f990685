import type { Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, type HauynaOptions } from '../../lib/index.js';
import { ManualClock, UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const start = useApps();

const refusal = async (app: TestApp, path: string): Promise<UpgradeError> => {
  const error: unknown = await app.connect(path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UpgradeError);
  return error as UpgradeError;
};

/** Another upgrade listener on the same server, which wants nothing of what comes. */
function addDeafListener(app: TestApp): void {
  (app.app.getHttpServer() as Server).on('upgrade', () => undefined);
}

describe.each(['express', 'fastify'] as const)('A path no gateway serves, on %s', (platform) => {
  it('is answered with 404 and JSON, at once when nobody else listens', async () => {
    const clock = new ManualClock();
    const app = await start({ platform, clock, providers: [ChatGateway] });
    const { status, body, headers } = await refusal(app, '/nowhere?x=1');
    expect(status).toBe(404);
    expect(body).toEqual({
      statusCode: 404,
      message: 'No WebSocket route matches this path.',
      error: 'Not Found',
    });
    expect(headers['connection']).toBe('close');
    expect(clock.pending).toBe(0);
  });
});

describe('unknownPath', () => {
  const boot = (clock: ManualClock, unknownPath?: NonNullable<HauynaOptions['unknownPath']>) =>
    start({ clock, providers: [ChatGateway], options: unknownPath === undefined ? {} : { unknownPath } });

  it("'auto' gives another listener a second, then answers 404", async () => {
    const clock = new ManualClock();
    const app = await boot(clock);
    addDeafListener(app);
    const refused = refusal(app, '/nowhere');
    await until(() => clock.pending === 1, 'the upgrade has come');
    clock.advance(999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect((await refused).status).toBe(404);
    expect(clock.pending).toBe(0);
  });

  it("'404' does not wait for others", async () => {
    const clock = new ManualClock();
    const app = await boot(clock, '404');
    addDeafListener(app);
    expect((await refusal(app, '/nowhere')).status).toBe(404);
    expect(clock.pending).toBe(0);
  });

  it("'ignore' leaves the socket to whoever wants it, for ever", async () => {
    const clock = new ManualClock();
    const app = await boot(clock, 'ignore');
    (app.app.getHttpServer() as Server).on('upgrade', (request, socket) => {
      if (request.url === '/late') socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n');
    });
    expect((await refusal(app, '/late')).status).toBe(418);
    expect(clock.pending).toBe(0);
  });

  it('an unknown value is refused at boot', async () => {
    await expect(boot(new ManualClock(), 'sometimes' as 'auto')).rejects.toThrow(
      "unknownPath must be 'auto' or '404' or 'ignore', got 'sometimes'",
    );
  });
});
