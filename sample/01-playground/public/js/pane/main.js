import { $ } from '../shared/dom.js';
import { fillTexts, onPreferences } from '../shared/preferences.js';
import { Composer } from './composer.js';
import { HeadView } from './head-view.js';
import { MessagesView } from './messages-view.js';
import { Session } from './session.js';
import { PeopleView, RoomsView } from './side-views.js';

const user = new URLSearchParams(location.search).get('user') || 'ana';
const session = new Session(user);

/** Runs what a button asks for; a refusal is shown where the messages are. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    session.refused(error);
    return false;
  }
}

const views = [HeadView, RoomsView, PeopleView, MessagesView, Composer].map(
  (View) => new View(session, attempt),
);

const DEEDS = {
  bot: (on) => session.client.request('bot', { on }),
  traffic: async (on) => session.traffic.switch(on),
  garbage: () => session.sendGarbage(),
  expire: () => session.expire(),
};

let waiting = false;
/** Many frames may arrive in one turn; one look at the whole is enough. */
function render() {
  if (waiting) return;
  // A hidden pane has no animation frames, and must be up to date when it is shown.
  if (document.hidden || innerWidth === 0) {
    renderNow();
    return;
  }
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    renderNow();
  });
}

function renderNow() {
  for (const view of views) view.render();
}

session.on('changed', render);
onPreferences(() => {
  fillTexts();
  render();
});
addEventListener('resize', render);

// What the stage wants of this client.
addEventListener('message', ({ origin, data }) => {
  if (origin === location.origin && data?.hauyna === 'do') void attempt(() => DEEDS[data.deed](data.on));
});

document.title = `${user} · Hauyna`;
$('#me-gem').dataset.user = user;
