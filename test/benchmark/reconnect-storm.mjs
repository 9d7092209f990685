/**
 * What a server meets when it comes back: 10 000 clients that lost it at the same moment, in virtual time, without
 * sockets. Ours is the very function the client ships; the others are the schedules their packages document.
 *
 *     node test/benchmark/reconnect-storm.mjs
 *
 * Links break within 200 ms of each other, and an attempt that meets no server fails at once.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CLIENTS = 10_000;
const OUTAGES = [3000, 30_000, 300_000];
const BUCKET = 100;

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../../lib/client/reconnect-delay.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'esm',
});
const { reconnectDelay } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);

/** Attempts before this one, and a random number → ms, or `null` for never. */
const SCHEDULES = {
  Hauyna: (attempts, random) => reconnectDelay(undefined, attempts, random()),
  // phoenix 1.8: reconnectAfterMs
  Phoenix: (attempts) => [10, 50, 100, 150, 200, 250, 500, 1000, 2000][attempts] ?? 5000,
  // socket.io-client 4.8: 1 s × 2ⁿ ± 50 %, cut at 5 s
  'Socket.IO': (attempts, random) => {
    const full = 1000 * 2 ** Math.min(attempts, 30);
    const share = random();
    const deviation = Math.floor(share * 0.5 * full);
    return Math.min((Math.floor(share * 10) & 1) === 0 ? full - deviation : full + deviation, 5000);
  },
  // @microsoft/signalr 10: withAutomaticReconnect()
  SignalR: (attempts) => [0, 2000, 10_000, 30_000][attempts] ?? null,
};

/** The same numbers in every run. */
function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function storm(schedule, outage) {
  const random = mulberry32(outage);
  const back = [];
  const perBucket = new Map();
  for (let client = 0; client < CLIENTS; client++) {
    let now = random() * 200;
    for (let attempts = 0; ; attempts++) {
      const delay = schedule(attempts, random);
      if (delay === null) break;
      now += delay;
      if (now < outage) continue;
      back.push(now - outage);
      const bucket = Math.floor(now / BUCKET);
      perBucket.set(bucket, (perBucket.get(bucket) ?? 0) + 1);
      break;
    }
  }
  back.sort((a, b) => a - b);
  return {
    peak: Math.max(0, ...perBucket.values()),
    p95: back.length === 0 ? Infinity : back[Math.ceil(back.length * 0.95) - 1],
    gaveUp: (CLIENTS - back.length) / CLIENTS,
  };
}

console.log(`${CLIENTS} clients; peak = reconnects in the worst ${BUCKET} ms\n`);
console.log('schedule    outage     peak   p95 back   gave up');
for (const [name, schedule] of Object.entries(SCHEDULES)) {
  for (const outage of OUTAGES) {
    const { peak, p95, gaveUp } = storm(schedule, outage);
    const cells = [
      name.padEnd(10),
      `${outage / 1000} s`.padStart(7),
      String(peak).padStart(8),
      (Number.isFinite(p95) ? `${(p95 / 1000).toFixed(1)} s` : '–').padStart(10),
      `${(gaveUp * 100).toFixed(0)} %`.padStart(9),
    ];
    console.log(cells.join(' '));
    if (name !== 'Hauyna') continue;
    assert.equal(gaveUp, 0, 'no client gives up');
    assert.ok(p95 <= 8500, `95 % are back after 8.5 s, not ${p95} ms`);
    if (outage === 3000) assert.ok(peak <= 450, `at most 450 come back in 100 ms, not ${peak}`);
  }
}
