/* oxlint-disable no-console */
// Runs in every runtime: `<runtime> client.mjs <URL of the built client> <URL of the server> <user> <messages>`.
// Says "ready" once it is subscribed, and as its last line what it has heard.
const [client, url, user, expected] = (globalThis.Deno?.args ?? globalThis.process.argv.slice(2)).slice(-4);
const { createClient } = await import(client);

/** Nothing is doubled that has not come after so long, ms. */
const QUIET = 300;
/** What has not come after so long is lost, ms. */
const PATIENCE = 5000;

const builtIn = globalThis.WebSocket !== undefined;
const WebSocket = builtIn ? globalThis.WebSocket : (await import('ws')).WebSocket;
const heard = [];
let losses = 0;
let brought = 0;
let incomplete = 0;
let timer;

const chat = createClient(url, {
  WebSocket,
  params: { user_id: user },
  reconnect: { minDelay: 20, baseDelay: 50, maxDelay: 100 },
});
chat.on('state', ({ to }) => {
  if (to === 'reconnecting') losses++;
});
const room = chat.channel(`room:${user}`);
room.on('$recovered', ({ complete, count }) => {
  brought += count;
  if (!complete) incomplete++;
});
room.on('message', (data) => {
  heard.push(data);
  wait(heard.length < Number(expected) ? PATIENCE : QUIET);
});
await room.subscribe();
console.log('ready');
wait(PATIENCE);

function wait(ms) {
  clearTimeout(timer);
  timer = setTimeout(finish, ms);
}

function finish() {
  chat.close();
  console.log(JSON.stringify({ heard, losses, brought, incomplete, builtIn }));
}
