import 'reflect-metadata';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { Playground } from './playground.js';

const playground = new Playground((self) => AppModule.of(self));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void leave();
  });
}

console.log(banner(await playground.start(Number(process.env['PORT'] ?? 3000))));

async function leave(): Promise<void> {
  const clients = await playground.stop();
  console.log(`\n  Goodbye. ${clients} ${clients === 1 ? 'client was' : 'clients were'} told.\n`);
  process.exit(0);
}
