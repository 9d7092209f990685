/** The process that makes the load. Speaks with the one that runs the benchmark by IPC. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.mjs';
import { maskedFrame, Requests } from './frames.mjs';
import { answerCommands } from './commands.mjs';

const NORMAL_CLOSURE = '\u0003\u00e8';
const BYE = maskedFrame(Buffer.from(NORMAL_CLOSURE, 'latin1'), 8);

const clients = [];

answerCommands({ open, reset, received, echo, close, usage: () => process.cpuUsage() });

/** Opens connections, `concurrency` at a time. @returns how long it took, ms */
async function open({ target, from, count, concurrency, query }) {
  const begin = performance.now();
  let next = from;
  const worker = async () => {
    while (next < from + count) {
      const index = next++;
      const path = `${target.path}user_id=u${index}${query}`;
      clients.push(await Client.open({ ...target, path }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return performance.now() - begin;
}

function reset() {
  for (const client of clients) client.frames = 0;
}

/** Waits until every connection has got `frames` frames. @returns how many came in all */
async function received({ frames, timeout }) {
  const end = performance.now() + timeout;
  while (performance.now() < end && clients.some((client) => client.frames < frames)) await sleep(5);
  return clients.reduce((sum, client) => sum + client.frames, 0);
}

/** Keeps `window` requests under way on every connection for `ms`. @returns answers and how long it took, ms */
async function echo({ request, window, ms }) {
  const requests = new Requests(request);
  let answers = 0;
  let under = 0;
  let open = true;
  for (const client of clients) {
    client.onFrames = (count) => {
      answers += count;
      under -= count;
      if (!open) return;
      under += count;
      client.send(requests.next(count));
    };
  }
  const begin = performance.now();
  for (const client of clients) {
    under += window;
    client.send(requests.next(window));
  }
  await sleep(ms);
  open = false;
  const end = performance.now() + 5000;
  while (under > 0 && performance.now() < end) await sleep(1);
  for (const client of clients) client.onFrames = undefined;
  if (under !== 0) throw new Error(`${under} requests have not been answered.`);
  return { answers, ms: performance.now() - begin };
}

/** Takes leave of the server, as a browser does. */
async function close() {
  const closed = clients.splice(0).map(({ socket }) => {
    socket.removeAllListeners('close');
    return new Promise((resolve) => {
      socket.once('close', resolve);
      socket.write(BYE);
    });
  });
  await Promise.race([Promise.all(closed), sleep(10_000, undefined, { ref: false })]);
}
