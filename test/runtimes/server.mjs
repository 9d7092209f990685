// The server the runtimes talk to, in a process of its own: `node server.mjs <folder of the built package>`.
// Sends its port; for each user it is asked for it then publishes 40 messages and drops that user's connection five times.
import 'reflect-metadata';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const { ChannelService, ConnectionService, HauynaGateway, HauynaModule, HauynaWsAdapter, identifyByQuery } =
  await import(pathToFileURL(join(process.argv[2], 'index.js')).href);

const DROPS = 5;
/** Messages before and after each drop. */
const HALF = 4;
const PAUSE = 5;
const PATIENCE = 15_000;

class ChatGateway {}
HauynaGateway({ path: '/chat' })(ChatGateway);

class AppModule {}
Module({
  imports: [
    HauynaModule.forRoot({
      identify: identifyByQuery('user_id'),
      channels: { history: { 'room:{id}': { size: 1000, ttl: 60_000 } } },
    }),
  ],
  providers: [ChatGateway],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.useWebSocketAdapter(app.get(HauynaWsAdapter));
await app.listen(0, '127.0.0.1');
const server = app.getHttpServer();
const sockets = new Set();
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
const channels = app.get(ChannelService);
const connections = app.get(ConnectionService);

process.on('message', async (user) => process.send(await play(user)));
process.on('disconnect', () => void app.close());
process.send({ port: server.address().port });

/** @returns how many messages were published and how often the connection was dropped */
async function play(user) {
  const channel = `room:${user}`;
  let published = 0;
  let drops = 0;
  const publish = async (count) => {
    for (let i = 0; i < count; i++) {
      await channels.broadcast(channel, published++);
      await sleep(PAUSE);
    }
  };
  for (let round = 0; round < DROPS; round++) {
    if (!(await subscribed(channel))) return { published, drops, error: 'the client did not come back' };
    await publish(HALF);
    // In turn: a word of farewell first, or the cable pulled out.
    if (round % 2 === 0)
      drops += await connections.disconnect({ userId: user }, { code: 4201, reason: 'rebalance' });
    else drops += await pull();
    await publish(HALF);
  }
  return { published, drops };
}

async function pull() {
  const open = [...sockets];
  const closed = open.map((socket) => once(socket, 'close'));
  for (const socket of open) socket.resetAndDestroy();
  await Promise.all(closed);
  return open.length;
}

async function subscribed(channel) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    if ((await channels.subscriptionCount(channel)) > 0) return true;
    await sleep(PAUSE);
  }
  return false;
}
