import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HauynaGateway } from '../../lib/index.js';
import { start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const bundle = fileURLToPath(new URL('../../dist/browser/client.js', import.meta.url));

describe.each(['express', 'fastify'] as const)('serveClient on %s', (platform) => {
  it('serves the client as one module, which caches may keep as long as they ask', async () => {
    expect(existsSync(bundle), 'npm run build makes dist/browser/client.js').toBe(true);
    const app = await start({ providers: [ChatGateway], platform, options: { serveClient: true } });
    const response = await fetch(`${app.httpUrl}/hauyna/client.js`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const text = await response.text();
    const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
      createClient: (url: string) => { state: string };
    };
    expect(module.createClient('ws://x').state).toBe('idle');

    const etag = response.headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await fetch(`${app.httpUrl}/hauyna/client.js`, { headers: { 'if-none-match': known } });
      expect(again.status).toBe(304);
      expect(again.headers.get('etag')).toBe(etag);
      expect(await again.text()).toBe('');
    }
    const changed = await fetch(`${app.httpUrl}/hauyna/client.js`, { headers: { 'if-none-match': '"old"' } });
    expect(changed.status).toBe(200);
  });

  it('serves it at a path of its own, whatever the prefix of the application', async () => {
    const app = await start({
      providers: [ChatGateway],
      platform,
      options: { serveClient: '/assets/hauyna.js' },
      configure: (nest) => void nest.setGlobalPrefix('api'),
    });
    expect((await fetch(`${app.httpUrl}/assets/hauyna.js`)).status).toBe(200);
    expect((await fetch(`${app.httpUrl}/hauyna/client.js`)).status).toBe(404);
  });

  it('serves nothing unless it is asked to', async () => {
    const app = await start({ providers: [ChatGateway], platform });
    expect((await fetch(`${app.httpUrl}/hauyna/client.js`)).status).toBe(404);
  });
});

describe('serveClient', () => {
  it('with a path that is none stops the boot', async () => {
    const booting = start({ providers: [ChatGateway], options: { serveClient: 'client.js' } });
    await expect(booting).rejects.toThrow('serveClient must be true, false or a path that begins with "/"');
  });
});
