import { cpus, release, totalmem, type } from 'node:os';
import { readFileSync } from 'node:fs';
import { PINNED } from './worker.mjs';
import { YARDSTICKS } from './peers.mjs';

const PACKAGES = [
  '@nestjs/core',
  '@nestjs/platform-ws',
  '@nestjs/platform-socket.io',
  'ws',
  'socket.io',
  'class-validator',
];

/** Markdown of all results. @param results `{ round, peer, row }` in the order in which they were measured */
export function report(results, { rounds, time }) {
  const names = [...new Set(results.map(({ row }) => row.name))];
  const tables = names.map((name) =>
    table(
      name,
      results.filter(({ row }) => row.name === name),
    ),
  );
  return [
    '# Benchmark',
    '',
    ...description(rounds, time),
    '',
    ...tables.flatMap((lines) => [...lines, '']),
  ].join('\n');
}

function description(rounds, time) {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const pinned = PINNED ? 'each pinned to a core of its own' : 'not pinned to cores';
  return [
    `Made by \`npm run bench -- --write\` on ${new Date().toISOString().slice(0, 10)}: ${rounds} rounds of ${time} ms each.`,
    `Server and load generator are two processes, ${pinned}; in every round the peers run in turn.`,
    'A cell is the median of the rounds with the smallest and the largest value; a ratio is the median of the ratios',
    'within a round. Compare within one table only, and trust the ratios more than the numbers.',
    '',
    `- machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${type()} ${release()}`,
    `- Node.js ${process.versions.node}; ${PACKAGES.map(version).join(', ')}`,
    '- "server" and "generator" are the share of one core each used; the server is what is measured when it is near 1',
    '- Hauyna runs with all its limits, heartbeat and order per connection; the peers have none of these',
  ];
}

function version(name) {
  const url = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(url, 'utf8')).version}`;
}

function table(name, results) {
  const { row } = results[0];
  const memory = row.bytes !== undefined;
  const value = memory ? ({ bytes }) => bytes / 1024 : ({ cost }) => cost;
  const peers = [...new Set(results.map(({ peer }) => peer))];
  const yardsticks = YARDSTICKS.filter((known) => peers.includes(known));
  const head = [
    'server',
    memory ? 'KiB' : `CPU µs per ${row.unit}`,
    ...yardsticks.map((known) => `÷ ${known}`),
    ...(memory ? [] : [`${plural(row.unit)} per s`, 'server', 'generator']),
  ];
  const lines = peers.map((peer) => {
    const own = results.filter((result) => result.peer === peer);
    const column = (read, digits) =>
      spread(
        own.map((result) => read(result.row)),
        digits,
      );
    const ratios = yardsticks.map((known) =>
      ratio(
        own,
        results.filter((result) => result.peer === known),
        value,
      ),
    );
    const load = (read) => median(own.map((result) => read(result.row))).toFixed(2);
    return [
      peer,
      column(value, 2),
      ...ratios,
      ...(memory
        ? []
        : [column(({ rate }) => rate * 1000, 0), load((r) => r.serverLoad), load((r) => r.generatorLoad)]),
    ];
  });
  return [`## ${name[0].toUpperCase()}${name.slice(1)}`, '', ...markdown([head, ...lines])];
}

function ratio(own, yardstick, value) {
  const ratios = own.flatMap(({ round, row }) => {
    const other = yardstick.find((result) => result.round === round);
    return other === undefined ? [] : [value(row) / value(other.row)];
  });
  return ratios.length === 0 ? '–' : median(ratios).toFixed(2);
}

function spread(values, digits) {
  const format = (value) => (digits === 0 ? thousands(value) : value.toFixed(digits));
  return `${format(median(values))} (${format(Math.min(...values))}–${format(Math.max(...values))})`;
}

function thousands(value) {
  return value >= 10_000 ? `${Math.round(value / 1000)} k` : String(Math.round(value));
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A table whose columns line up, so that it can be read in a terminal too. */
function markdown(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)];
}

function plural(unit) {
  return unit.endsWith('y') ? `${unit.slice(0, -1)}ies` : `${unit}s`;
}
