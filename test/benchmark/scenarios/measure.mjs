/** Runs something and tells how much CPU time (ms) server and generator used, and how long it took (ms). */
export async function measure({ server, generator }, run) {
  const before = await Promise.all([server.call('usage'), generator.call('usage')]);
  const begin = performance.now();
  const value = await run();
  const ms = performance.now() - begin;
  const after = await Promise.all([server.call('usage'), generator.call('usage')]);
  const [serverCpu, generatorCpu] = after.map(
    (usage, index) => milliseconds(usage) - milliseconds(before[index]),
  );
  return { value, ms, serverCpu, generatorCpu };
}

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}

/** What every row of a table of CPU times has. `per` is how many units of work were done. */
export function costRow(name, unit, count, { ms, serverCpu, generatorCpu }) {
  return {
    name,
    unit,
    cost: (serverCpu * 1000) / count,
    rate: count / ms,
    serverLoad: serverCpu / ms,
    generatorLoad: generatorCpu / ms,
  };
}
