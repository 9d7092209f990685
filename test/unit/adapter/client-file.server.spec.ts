import { describe, expect, it, vi } from 'vitest';
import { ClientFileServer } from '../../../lib/adapter/client-file.server.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

vi.mock('node:fs/promises', () => ({ readFile: () => Promise.reject(new Error('ENOENT')) }));

const host = { httpAdapter: { get: () => undefined } };
const server = (serveClient: boolean) => new ClientFileServer(host as never, resolveOptions({ serveClient }));

describe('ClientFileServer without the file', () => {
  it('stops the boot and says what to do', async () => {
    await expect(server(true).onModuleInit()).rejects.toThrow(
      /is missing\. Install the package again, or build it/,
    );
  });

  it('does not mind when nobody asked for it', async () => {
    await expect(server(false).onModuleInit()).resolves.toBeUndefined();
  });
});
