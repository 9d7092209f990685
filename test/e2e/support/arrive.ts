import type { TestApp, TestClient } from '../../../lib/testing/index.js';

export interface Welcome {
  connectionId: string;
  user: string | null;
  expiresIn?: number;
  session?: { id: string; resume: string; ttl: number; resumed: boolean };
}

export interface Arrived {
  client: TestClient;
  welcome: Welcome;
  /** What the client would come back with. */
  key: string;
}

/** Connects a v1 client and takes its welcome. @param resume the key of a session to continue */
export async function arrive(app: TestApp, path: string, resume?: string, token?: string): Promise<Arrived> {
  const client = await app.connect(path, {
    protocol: 'v1',
    ...(resume === undefined ? {} : { resume }),
    ...(token === undefined ? {} : { token }),
  });
  const welcome = await client.next<Welcome>('welcome');
  return { client, welcome, key: welcome.session?.resume ?? '' };
}
