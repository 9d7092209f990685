import { createContext, runInContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('can be imported and made where there is nothing: no window, no timers, no WebSocket, no AbortController', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../lib/client/client.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'hauyna',
    target: 'es2022',
  });
  const context = createContext({});
  runInContext(outputFiles[0]!.text, context);
  const state = runInContext(
    `const client = hauyna.createClient('/chat', { token: () => 'x' });
     client.on('state', () => {});
     const room = client.channel('room');
     room.on('message', () => {});
     room.presence.on('change', () => {});
     room.events('message');
     [client.state, room.state].join()`,
    context,
  ) as string;
  expect(state).toBe('idle,idle');
});
