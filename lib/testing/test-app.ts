import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Abstract, INestApplication, Type } from '@nestjs/common';
import { CollectingLogger, type LogEntry } from './collecting.logger.js';
import { connectClient, type ConnectOptions } from './connect-client.js';
import type { ManualClock } from './manual.clock.js';
import type { TestClient } from './test-client.js';

export interface TestAppConnectOptions extends ConnectOptions {
  /** Query parameters, added to those of the path. */
  query?: Record<string, string>;
}

/** How long a client may take to leave before it is cut off, ms. */
const LEAVE_TIMEOUT = 1000;

/** A running application, and the clients that were connected to it. Made by `createTestApp()`. */
export class TestApp {
  /** `ws://127.0.0.1:<port>` */
  readonly url: string;
  /** `http://127.0.0.1:<port>` */
  readonly httpUrl: string;
  private readonly clients: TestClient[] = [];

  constructor(
    readonly app: INestApplication,
    private readonly logger: CollectingLogger,
    /** The clock given to `createTestApp()`. */
    readonly clock: ManualClock | undefined,
  ) {
    const { port } = this.server.address() as AddressInfo;
    this.url = `ws://127.0.0.1:${port}`;
    this.httpUrl = `http://127.0.0.1:${port}`;
  }

  /** What the application has logged, unless a logger was given. Nest's logger belongs to the process: the latest application gets it. */
  get logs(): readonly LogEntry[] {
    return this.logger.entries;
  }

  /** A provider of any module of the application. */
  get<T>(token: Type<T> | Abstract<T> | string | symbol): T {
    return this.app.get<unknown, T>(token, { strict: false });
  }

  /**
   * Opens a WebSocket to the application; it is closed with it.
   *
   * ```ts
   * const user1 = await app.connect('/chat', { query: { user_id: 'user1' }, protocol: 'v1' });
   * ```
   *
   * @param path may have a query. @default '/'
   * @throws UpgradeError when the application refuses
   */
  async connect(path = '/', options: TestAppConnectOptions = {}): Promise<TestClient> {
    const { query = {}, ...rest } = options;
    const added = new URLSearchParams(query).toString();
    const separator = added === '' ? '' : path.includes('?') ? '&' : '?';
    // Put together as text: a parsed URL would tidy up paths a test sends as they are.
    const client = await connectClient(`${this.url}${path}${separator}${added}`, rest);
    this.clients.push(client);
    return client;
  }

  /** Closes all clients, then the application. Harmless when called twice, or after `app.close()`. */
  async close(): Promise<void> {
    await Promise.all(this.clients.splice(0).map(leave));
    if (this.server.listening) await this.app.close();
  }

  private get server(): Server {
    return this.app.getHttpServer() as Server;
  }
}

async function leave(client: TestClient): Promise<void> {
  // One that was paused would never see the answer to its close frame.
  client.resume();
  const timer = setTimeout(() => void client.terminate(), LEAVE_TIMEOUT);
  await client.close();
  clearTimeout(timer);
}
