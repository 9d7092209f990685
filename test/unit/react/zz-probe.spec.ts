import { expect, it, afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { ChannelService, HauynaGateway, identifyByQuery } from '/work/next/lib/index.js';
import { createClient } from '/work/next/lib/client/index.js';
import { createTestApp, type TestApp } from '/work/next/lib/testing/index.js';
@HauynaGateway({ path: '/chat' }) class G {}
let app: TestApp;
afterEach(() => app?.close());
const start = async () => { app = await createTestApp({ providers: [G], options: { identify: identifyByQuery('user_id'), channels: { history: { 'room:{id}': { size: 100, ttl: 60_000 } } } } }); return createClient(app.url + '/chat', { WebSocket: WebSocket as never, params: { user_id: 'ana' } }); };
const sleep = (n: number) => new Promise((r) => setTimeout(r, n));
it('subscribe unsubscribe subscribe, at once, while connected', async () => {
  const c = await start(); await c.connect();
  const r = c.channel('room:1');
  const p1 = r.subscribe(); const p2 = r.unsubscribe(); const p3 = r.subscribe();
  await Promise.allSettled([p1, p2, p3]); await sleep(100);
  console.log('A client', r.state, 'server', await app.get(ChannelService).subscriptionCount('room:1'));
  c.close();
});
it('subscribe then unsubscribe before there is a connection', async () => {
  const c = await start();
  const r = c.channel('plain');
  let heard = 0; r.on('message', () => heard++);
  r.subscribe().catch((e) => console.log('B rejected', e.code)); r.unsubscribe();
  await c.connect(); await sleep(100);
  await app.get(ChannelService).broadcast('plain', 1); await sleep(50);
  console.log('B client', r.state, 'server', await app.get(ChannelService).subscriptionCount('plain'), 'heard', heard);
  c.close();
});
it('presence clear tells', async () => {
  const c = await start(); const r = c.channel('room:1'); let n = 0;
  await r.subscribe(); await sleep(50);
  r.presence.on('change', () => n++);
  const before = r.presence.members.size; await r.unsubscribe(); await sleep(20);
  console.log('C before', before, 'after', r.presence.members.size, 'changes told', n);
  c.close();
});
it('close then connect', async () => {
  const c = await start(); const r = c.channel('room:1'); await r.subscribe(); await sleep(20);
  c.close(); console.log('D closed', r.state); await c.connect(); await sleep(100); console.log('D after connect', r.state);
  c.close();
});
