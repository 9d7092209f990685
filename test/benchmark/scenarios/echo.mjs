import { REQUEST_ID } from '../frames.mjs';
import { costRow, measure } from './measure.mjs';

const CONNECTIONS = 50;
/** Requests under way on one connection: an application that waits for each answer, and one that does not. */
const WINDOWS = [1, 4];
const TYPES = [
  ['echo', 'echo'],
  ['echo_dto', 'echo, validated'],
];
const BODY = { text: 'What goes in comes out again, all of it.', seq: 4711, urgent: false };

/** Requests and their answers: handed back as they came, and validated by a class first. */
export async function echo({ peer, target, server, generator, settings }) {
  await generator.call('open', { target, from: 0, count: CONNECTIONS, concurrency: 16, query: '' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const rows = [];
  for (const [type, name] of TYPES) {
    const request = peer.request(type, REQUEST_ID, BODY);
    for (const window of WINDOWS) {
      await generator.call('echo', { request, window, ms: settings.warmUp * 2 });
      const run = () => generator.call('echo', { request, window, ms: settings.time });
      const measured = await measure({ server, generator }, run);
      const { answers, ms } = measured.value;
      rows.push(costRow(`${name}, ${window} under way`, 'request', answers, { ...measured, ms }));
    }
  }
  return rows;
}
