// A program as a user starts it with `node`: argv[2] is the library, argv[3] what to do.
import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WebSocket } from 'ws';

const [, , library, mode] = process.argv;
const { HauynaGateway, HauynaModule, HauynaWsAdapter } = await import(pathToFileURL(library).href);

class ChatGateway {}
HauynaGateway({ path: '/chat' })(ChatGateway);
class AppModule {}
Module({ imports: [HauynaModule.forRoot()], providers: [ChatGateway] })(AppModule);

const say = (text) => process.stdout.write(`${text}\n`);

async function withoutAdapter() {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1').catch((error) => say(`REJECTED ${error.message}`));
  say('STILL RUNNING');
  await app.close();
}

async function withClient(end) {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.useWebSocketAdapter(app.get(HauynaWsAdapter));
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const client = new WebSocket(`ws://127.0.0.1:${app.getHttpServer().address().port}/chat`);
  client.once('close', (code) => say(`CLOSED ${code}`));
  await new Promise((resolve) => client.once('open', resolve));
  await end(app);
}

if (mode === 'no-adapter') await withoutAdapter();
else if (mode === 'close') await withClient((app) => app.close());
else await withClient(async () => process.kill(process.pid, 'SIGTERM'));
