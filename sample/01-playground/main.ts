import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConnectionService, HauynaWsAdapter } from '@hauyna/nestjs';
import { AppModule } from './app.module.js';
import { banner, portOf } from './banner.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.useWebSocketAdapter(app.get(HauynaWsAdapter));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void leave();
  });
}

await app.listen(process.env['PORT'] ?? 3000);
console.log(banner(portOf(app)));

/** `app.close()` tells every client to come back later, and waits until they have heard it. */
async function leave(): Promise<void> {
  const clients = await app.get(ConnectionService).count();
  await app.close();
  console.log(`\n  Goodbye. ${clients} ${clients === 1 ? 'client was' : 'clients were'} told.\n`);
  process.exit(0);
}
