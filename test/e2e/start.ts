import { afterEach } from 'vitest';
import { identifyByQuery } from '../../lib/index.js';
import {
  createTestApp,
  type Frame,
  type TestApp,
  type TestAppOptions,
  type TestClient,
} from '../../lib/testing/index.js';

const apps: TestApp[] = [];

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Starts an application whose clients say who they are with `?user_id=`; it ends with the test. */
export async function start({ options, ...rest }: TestAppOptions = {}): Promise<TestApp> {
  const app = await createTestApp({ ...rest, options: { identify: identifyByQuery('user_id'), ...options } });
  apps.push(app);
  const connect = app.connect.bind(app);
  // A busy machine may need its time; no test waits for a frame that does not come.
  app.connect = (path, given) => connect(path, { timeout: 8000, ...given });
  return app;
}

/** A promise to be settled from outside, for hooks that wait for the test. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Waits until something has become true, without a wish how soon. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'the condition',
): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what} did not become true`);
}

/**
 * Takes everything a client has been sent up to now.
 *
 * @param after clients whose messages must have been handled first
 */
export async function drain(client: TestClient, ...after: TestClient[]): Promise<Frame[]> {
  for (const other of after) await other.fence();
  await client.fence();
  const frames: Frame[] = [];
  while (client.frames.length > 0) frames.push(await client.next());
  return frames;
}
