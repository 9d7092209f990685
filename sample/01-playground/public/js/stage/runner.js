import { tellParent } from '../shared/frame-messages.js';

const tell = (level, detail) => tellParent('console', { level, ...detail });
const system = (key, values = {}) => tell('system', { key: `seed.${key}`, values });

for (const level of ['log', 'info', 'warn', 'error']) {
  console[level] = (...values) =>
    tell(level === 'error' ? 'error' : 'log', { text: values.map(show).join(' ') });
}
addEventListener('error', (event) => tell('error', { text: event.message }));
addEventListener('unhandledrejection', (event) => tell('error', { text: String(event.reason) }));

/**
 * The browser's WebSocket with two differences, both told in the drawer: `ws://localhost:3000` is this server, and
 * what is sent too early waits. Typed into a console line by line, the socket would be open by then.
 */
const Native = window.WebSocket;
window.WebSocket = class WebSocket extends Native {
  #early = [];

  constructor(url, protocols) {
    const here = String(url).replace(/^ws:\/\/localhost:3000(?=\/|$)/, `ws://${location.host}`);
    super(here, protocols);
    system('connecting', { url: here });
    this.addEventListener('open', () => {
      system('open');
      for (const data of this.#early.splice(0)) this.send(data);
    });
    this.addEventListener('close', ({ code }) => system('closed', { code }));
    this.addEventListener('message', ({ data }) => system('got', { text: data }));
  }

  send(data) {
    if (this.readyState === Native.CONNECTING) {
      this.#early.push(data);
      return;
    }
    super.send(data);
    system('sent', { text: String(data) });
  }
};

addEventListener('message', ({ origin, data }) => {
  if (origin !== location.origin || data?.hauyna !== 'run') return;
  const script = document.createElement('script');
  script.textContent = data.code;
  document.body.append(script);
});
tellParent('runner-ready', {});

function show(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
