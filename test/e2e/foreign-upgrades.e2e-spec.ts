import type { Server } from 'node:http';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import { describe, expect, it } from 'vitest';
import { HauynaGateway } from '../../lib/index.js';
import { ManualClock, UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { upgradeLines } from './support/raw-socket.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const start = useApps();

/** What a dev server or another library does: takes the upgrades of its own path and leaves the rest alone. */
function attachForeign(app: TestApp, accepts: (path: string) => boolean): WebSocketServer {
  const foreign = new WebSocketServer({ noServer: true });
  foreign.on('connection', (socket) => socket.send(JSON.stringify({ foreign: true })));
  (app.app.getHttpServer() as Server).on('upgrade', (request, socket, head) => {
    if (accepts(request.url ?? '')) {
      foreign.handleUpgrade(request, socket, head, (client) => foreign.emit('connection', client, request));
    }
  });
  return foreign;
}

describe.each(['express', 'fastify'] as const)(
  'Another upgrade listener on the same server (%s)',
  (platform) => {
    it('opens its own sockets; ours open beside them', async () => {
      const clock = new ManualClock();
      const app = await start({ platform, clock, providers: [ChatGateway] });
      attachForeign(app, (path) => path === '/__hmr');
      const [foreign, ours] = await Promise.all([app.connect('/__hmr'), app.connect('/chat')]);
      expect(await foreign.next()).toEqual({ foreign: true });
      clock.advance(1000);
      await ours.fence();
      expect(foreign.isOpen).toBe(true);
      expect(foreign.frames).toEqual([]);
    });
  },
);

it('gets paths we could not even read', async () => {
  const app = await start({ clock: new ManualClock(), providers: [ChatGateway] });
  attachForeign(app, (path) => path.startsWith('/odd'));
  expect(await (await app.connect('/odd/%E0%A4%A')).next()).toEqual({ foreign: true });
});

it('a path we cannot read and nobody wants is a bad request after the same grace', async () => {
  const clock = new ManualClock();
  const app = await start({ clock, providers: [ChatGateway] });
  attachForeign(app, () => false);
  const refused = app.connect('/odd/%E0%A4%A').catch((error: unknown) => error);
  await until(() => clock.pending === 1);
  clock.advance(1000);
  expect(await refused).toBeInstanceOf(UpgradeError);
  expect(await refused).toMatchObject({ status: 400 });
});

it('is still there after our application has closed; ours is not', async () => {
  const app = await start({ providers: [ChatGateway] });
  const server = app.app.getHttpServer() as Server;
  const before = server.listenerCount('upgrade');
  attachForeign(app, () => false);
  await app.close();
  expect(before).toBe(1);
  expect(server.listenerCount('upgrade')).toBe(1);
});

it('an upgrade nobody wants does not hold up app.close()', async () => {
  const clock = new ManualClock();
  const app = await start({ clock, providers: [ChatGateway] });
  attachForeign(app, () => false);
  const refused = app.connect('/nowhere').catch((error: unknown) => error);
  await until(() => clock.pending === 1);
  await app.close();
  expect(await refused).toMatchObject({ status: 404 });
  expect(clock.pending).toBe(0);
});

it('a client that gives up meanwhile leaves nothing behind after the grace', async () => {
  const clock = new ManualClock();
  const app = await start({ clock, providers: [ChatGateway] });
  attachForeign(app, () => false);
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.write(`${upgradeLines('/nowhere').join('\r\n')}\r\n\r\n`);
  await until(() => clock.pending === 1);
  socket.destroy();
  clock.advance(1000);
  const server = app.app.getHttpServer() as Server;
  await until(() => openSockets(server).then((count) => count === 0));
});

function openSockets(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
