import { setTimeout as sleep } from 'node:timers/promises';
import { costRow, measure } from './measure.mjs';

/** Opening connections that say who they are, and what they cost while nothing happens. */
export async function connections({ target, server, generator, settings }) {
  const count = settings.connections;
  const open = (number) =>
    generator.call('open', { target, from: 0, count: number, concurrency: 32, query: '' });
  await open(Math.ceil(count / 4));
  await closeAll({ generator, server });
  const empty = await server.call('memory');
  await open(count);
  const full = await server.call('memory');
  await closeAll({ generator, server });
  const measured = await measure({ server, generator }, async () => {
    const ms = await open(count);
    // What the server still does after it has answered is part of the price.
    await sleep(200);
    return ms;
  });
  return [
    costRow('connect with identity', 'connection', count, { ...measured, ms: measured.value }),
    { name: 'idle connection, JS heap', unit: 'connection', bytes: (full.heap - empty.heap) / count },
    { name: 'idle connection, RSS', unit: 'connection', bytes: (full.rss - empty.rss) / count },
  ];
}

async function closeAll({ generator, server }) {
  await generator.call('close');
  while ((await server.call('memory')).sockets > 0) await sleep(20);
}
