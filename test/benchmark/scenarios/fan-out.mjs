import { costRow, measure } from './measure.mjs';

/** One message to everybody in a room; sizes are those of the JSON text. */
export async function fanOut({ peer, target, server, generator, settings }) {
  const rows = [];
  let open = 0;
  for (const subscribers of [200, 1000]) {
    await generator.call('open', {
      target,
      from: open,
      count: subscribers - open,
      concurrency: 32,
      query: '&channel=room',
    });
    open = subscribers;
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const bytes of [64, 512]) {
      for (const perTurn of [1, 16]) {
        const name = `${subscribers} subscribers, ${bytes} B, ${perTurn} a turn`;
        await publish(
          { server, generator },
          { bytes, perTurn, ms: settings.warmUp },
          subscribers,
          name,
          peer,
        );
        const run = () =>
          publish({ server, generator }, { bytes, perTurn, ms: settings.time }, subscribers, name, peer);
        const measured = await measure({ server, generator }, run);
        const { messages, cpu, ms } = measured.value;
        rows.push(
          costRow(name, 'delivery', messages * subscribers, { ...measured, ms, serverCpu: cpu / 1000 }),
        );
      }
    }
  }
  return rows;
}

/** Publishes, and insists that every message has come to everybody. */
async function publish({ server, generator }, args, subscribers, name, peer) {
  await generator.call('reset');
  const result = await server.call('publish', args);
  const expected = result.messages * subscribers;
  const count = await generator.call('received', { frames: result.messages, timeout: 5000 });
  if (count !== expected)
    throw new Error(`${peer.name}, ${name}: ${count} of ${expected} deliveries have come.`);
  return result;
}
