import { $ } from '../shared/dom.js';
import { tellParent } from '../shared/frame-messages.js';
import { fillTexts, onPreferences } from '../shared/preferences.js';
import { Composer } from './composer.js';
import { HeadView } from './head-view.js';
import { MessagesView } from './messages-view.js';
import { PeopleView } from './people-view.js';
import { RoomsView } from './rooms-view.js';
import { Session } from './session.js';

const user = new URLSearchParams(location.search).get('user') || 'ana';
const session = new Session(user);

/** Runs what a button asks for; a refusal is shown where the messages are. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (error.frame !== undefined) session.note({ kind: 'refused', frame: error.frame });
    return false;
  }
}

const views = [HeadView, RoomsView, PeopleView, MessagesView, Composer].map(
  (View) => new View(session, attempt),
);

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
session.on('back', () => tellParent('did', { step: 'drop' }));
onPreferences(() => {
  fillTexts();
  render();
});
addEventListener('resize', render);

// The stage switches the bot through Ana's connection, as any client could.
addEventListener('message', ({ origin, data }) => {
  if (origin === location.origin && data?.hauyna === 'bot')
    void attempt(() => session.request('bot', { on: data.on }));
});

document.title = `${user} · Hauyna`;
$('#me-gem').dataset.user = user;
