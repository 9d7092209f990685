import { $, el, setText } from '../shared/dom.js';
import { addTexts, fillTexts, onPreferences, preferences, t } from '../shared/preferences.js';
import { BreakPanel } from './break-panel.js';
import './frames-log.js';
import { LatencyGraph } from './latency-graph.js';
import { PaneSwitch, tellPane } from './panes.js';
import { Scoreboard } from './scoreboard.js';

const views = [new BreakPanel(), new Scoreboard(), new LatencyGraph()];
new PaneSwitch();

// What is not looked at is not loaded.
let drawer;
for (const button of document.querySelectorAll('[data-drawer]')) {
  button.addEventListener('click', async () => {
    (await (drawer ??= loadDrawer())).toggle(button.dataset.drawer);
  });
}
let past;
const loadPast = () => (past ??= loadHistory());
$('#late').addEventListener('click', async () => (await loadPast()).joinLate());
$('#back').addEventListener('input', async () => (await loadPast()).goBack());

setText($('#raw-url'), `new WebSocket('ws://${location.host}/chat?user_id=123&room=general')`);

let bot = true;
void readBot();
$('#bot').addEventListener('click', () => {
  bot = !bot;
  tellPane('ana', 'bot', bot);
  showBot();
});
$('#language').addEventListener(
  'click',
  () => (preferences.language = preferences.language === 'en' ? 'es' : 'en'),
);
$('#theme').addEventListener(
  'click',
  () => (preferences.theme = preferences.theme === 'dark' ? 'light' : 'dark'),
);

onPreferences(() => {
  fillAll();
  showBot();
  for (const view of views) view.render();
});

function fillAll() {
  fillTexts({ host: `ws://${location.host}` });
}

async function loadDrawer() {
  const style = el('link', { rel: 'stylesheet', href: '/css/drawer.css' });
  const styled = new Promise((resolve) => style.addEventListener('load', resolve));
  document.head.append(style);
  const [{ Drawer }, markup] = await Promise.all([
    import('./drawer.js'),
    fetch('/drawer.html').then((response) => response.text()),
    addTexts('texts.drawer'),
    styled,
  ]);
  document.body.insertAdjacentHTML('beforeend', markup);
  fillAll();
  const drawer = new Drawer({
    frames: async () => new (await import('./frames-view.js')).FramesView(),
    seed: async () => new (await import('./seed-view.js')).SeedView(),
    code: async () => new (await import('./code-view.js')).CodeView(),
  });
  views.push(drawer);
  return drawer;
}

async function loadHistory() {
  const history = new (await import('./history-view.js')).HistoryView();
  views.push(history);
  return history;
}

/** Somebody may have stopped it before this page was opened. */
async function readBot() {
  const { metadata } = await (await fetch('/presence/bot')).json();
  bot = metadata.status === 'online';
  showBot();
}

function showBot() {
  $('#bot').dataset.t = bot ? 'bot.on' : 'bot.off';
  $('#bot').setAttribute('aria-pressed', String(bot));
  setText($('#bot'), t($('#bot').dataset.t));
}
