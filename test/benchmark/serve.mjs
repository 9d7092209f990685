/** The process of one server under test: `node serve.mjs <server>`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCommands } from './commands.mjs';

const { start } = await import(`./.build/${process.argv[2]}.server.js`);
const peer = await start();
const sockets = new Set();
peer.server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});

answerCommands({ port: () => peer.server.address().port, usage: () => process.cpuUsage(), publish, memory });

/**
 * Publishes `perTurn` messages in every turn of the event loop, and the next ones when all sockets have taken them.
 *
 * @returns the messages published, the CPU time (µs) and the time (ms) it took
 */
async function publish({ bytes, perTurn, ms }) {
  const empty = JSON.stringify({ seq: 1_000_000, text: '' }).length;
  const text = 'x'.repeat(bytes - empty);
  let seq = 1_000_000;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  while (performance.now() - begin < ms) {
    const published = [];
    for (let i = 0; i < perTurn; i++) published.push(peer.publish({ seq: seq++, text }));
    await Promise.all(published);
    await turn();
    while (isBlocked()) await sleep(1);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { messages: seq - 1_000_000, cpu: user + system, ms: performance.now() - begin };
}

function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBlocked() {
  for (const socket of sockets) if (socket.writableLength > 0) return true;
  return false;
}

/** Memory after garbage collection, bytes. */
async function memory() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await sleep(30);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external, sockets: sockets.size };
}
