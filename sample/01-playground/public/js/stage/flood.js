import { createClient } from '/hauyna/client.js';

const PER_TURN = 25;
/** 25 every 25 ms are a thousand a second. */
const TURN = 25;
const TURNS = 120;

/**
 * A thousand messages a second for three seconds, on a connection of its own: the limit is one of each connection, so nobody
 * else is to feel it.
 *
 * @param progress told `{ accepted, refused }` as the answers come
 */
export async function flood(progress) {
  const client = createClient('/chat');
  await client.connect();
  const counts = { accepted: 0, refused: 0 };
  const send = async () => {
    try {
      await client.request('flood', {});
      counts.accepted += 1;
    } catch {
      counts.refused += 1;
    }
  };
  const all = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (let i = 0; i < PER_TURN; i += 1) all.push(send());
    await new Promise((resolve) => setTimeout(resolve, TURN));
    progress(counts);
  }
  await Promise.all(all);
  progress(counts);
  client.close();
  return counts;
}
