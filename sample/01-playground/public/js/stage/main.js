import { $, setText } from '../shared/dom.js';
import { fillTexts, onPreferences, preferences, t } from '../shared/preferences.js';
import { Drawer } from './drawer.js';
import { FramesView } from './frames-view.js';
import { PaneSwitch } from './pane-switch.js';
import { Tour } from './tour.js';

const tour = new Tour();
const frames = new FramesView();
const drawer = new Drawer({
  frames: () => frames,
  seed: async () => new (await import('./seed-view.js')).SeedView(() => tour.done('seed')),
  code: async () => new (await import('./code-view.js')).CodeView(),
});
new PaneSwitch();

setText($('#raw-url'), `new WebSocket('ws://${location.host}/chat?user_id=123&room=general')`);

let bot = true;
void readBot();
$('#bot').addEventListener('click', () => {
  bot = !bot;
  $('#pane-ana').contentWindow.postMessage({ hauyna: 'bot', on: bot }, location.origin);
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
  fillTexts({ host: `ws://${location.host}` });
  showBot();
  drawer.render();
});

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
