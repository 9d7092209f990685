/**
 * Hauyna beside its peers: `npm run bench -- [--quick] [--rounds 5] [--scenario fan-out,echo,connections]
 * [--peer ws,hauyna] [--write]`. Prints Markdown tables; `--write` puts them into RESULTS.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { PEERS } from './peers.mjs';
import { report } from './report.mjs';
import { connections } from './scenarios/connections.mjs';
import { echo } from './scenarios/echo.mjs';
import { fanOut } from './scenarios/fan-out.mjs';
import { Worker } from './worker.mjs';

const SCENARIOS = { 'fan-out': fanOut, echo, connections };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    scenario: { type: 'string' },
    peer: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : 5));
const settings = quick
  ? { time: 250, warmUp: 150, connections: 500 }
  : { time: 1000, warmUp: 400, connections: 4000 };

build();
const results = [];
for (const scenario of chosen(Object.keys(SCENARIOS), values.scenario)) {
  const peers = PEERS.filter(
    ({ name, server, scenarios }) => scenarios.includes(scenario) && isChosen(values.peer, name, server),
  );
  for (let round = 1; round <= rounds; round++) {
    // Who comes first changes, so that a machine that slows down does not always hit the same one.
    const shift = (round - 1) % peers.length;
    for (const peer of [...peers.slice(shift), ...peers.slice(0, shift)]) {
      console.error(`${scenario}, round ${round} of ${rounds}: ${peer.name}`);
      for (const row of await runOne(scenario, peer)) results.push({ round, peer: peer.name, row });
    }
  }
}
// Rounds begin with different peers; the tables do not.
const order = new Map(PEERS.map(({ name }, index) => [name, index]));
results.sort((a, b) => order.get(a.peer) - order.get(b.peer));
const text = report(results, { rounds, time: settings.time });
console.log(text);
if (values.write) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text);

/** Every measurement has processes of its own: nobody profits from what ran before. */
async function runOne(scenario, peer) {
  const flags = process.env.BENCH_NODE_FLAGS?.split(' ') ?? [];
  const server = await Worker.start(0, [...flags, '--expose-gc', 'serve.mjs', peer.server]);
  const generator = await Worker.start(1, ['generator.mjs']);
  try {
    const { path, protocol, socketIo } = peer;
    const target = { port: await server.call('port'), path, protocol, socketIo };
    return await SCENARIOS[scenario]({ peer, target, server, generator, settings });
  } finally {
    await generator.call('close').catch(() => undefined);
    await Promise.all([generator.stop(), server.stop()]);
  }
}

function chosen(all, given) {
  if (given === undefined) return all;
  const names = given.split(',');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; there are ${all.join(', ')}.`);
  return names;
}

function isChosen(given, name, server) {
  return given === undefined || given.split(',').some((wanted) => wanted === name || wanted === server);
}
