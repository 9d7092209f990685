import { $, setText } from '../shared/dom.js';
import { t } from '../shared/preferences.js';
import { nameOf } from './names.js';

const KEPT = 31;
/** Pixels from one value to the next. */
const STEP = 3;

/** Who this pane is, and how the connection does. */
export class HeadView {
  #session;
  #values = [];

  constructor(session, attempt) {
    this.#session = session;
    $('#me-status').addEventListener('click', () => attempt(() => this.#switchStatus()));
    $('#drop').addEventListener('click', () => {
      if (session.client.state === 'closed') void attempt(() => session.client.connect());
      else session.drop();
    });
    $('#another').href = `/pane.html?user=${encodeURIComponent(session.user)}`;
    session.on('state', () => this.#renderState());
    session.on('latency', (ms) => this.#measured(ms));
    session.on('serverLatency', (ms) =>
      setText($('#latency-server'), t('latency.server', { ms: whole(ms) })),
    );
    setInterval(() => this.#renderState(), 100);
  }

  render() {
    const { user } = this.#session;
    const me = this.#session.people.get(user) ?? {};
    const name = nameOf(this.#session, user);
    setText($('#me-name'), name);
    setText($('#me-gem'), name.charAt(0));
    const another = $('#another');
    setText(another, t('another'));
    another.title = t('another.title', { name });
    const status = $('#me-status');
    status.dataset.status = me.status ?? '';
    setText(status, t(`status.${me.status ?? 'gone'}`));
    setText($('#me-tabs'), tabsText(me.tabs));
    $('#me-badge').hidden = me.moderator !== true;
    this.#renderState();
  }

  #renderState() {
    const { to: state, attempt, until } = this.#session.state;
    const pill = $('#pill');
    pill.dataset.state = state;
    $('#drop').disabled = state !== 'connected' && state !== 'closed';
    setText($('#drop'), t(state === 'closed' ? 'again' : 'drop'));
    const left = Math.max(0, until - Date.now()) / 1000;
    const key = state === 'reconnecting' && left === 0 ? 'trying' : state;
    setText($('#pill-text'), t(`state.${key}`, { seconds: left.toFixed(1), attempt: attempt ?? 1 }));
  }

  #measured(ms) {
    this.#values.push(ms);
    if (this.#values.length > KEPT) this.#values.shift();
    setText($('#latency-client'), t('latency.client', { ms: short(ms) }));
    const top = Math.max(10, ...this.#values);
    // New values come in at the right; where there are none yet, the line lies flat.
    const shown = [...Array(KEPT - this.#values.length).fill(0), ...this.#values];
    const points = shown.map((value, index) => `${index * STEP},${(21 - (value / top) * 20).toFixed(1)}`);
    $('#spark polyline').setAttribute('points', points.join(' '));
  }

  async #switchStatus() {
    const { people, user } = this.#session;
    const status = people.get(user)?.status === 'away' ? 'online' : 'away';
    await this.#session.client.request('presence_update', { metadata: { status } });
  }
}

export function tabsText(tabs) {
  if (tabs === undefined) return '';
  if (tabs === 0) return t('tabs.none');
  return tabs === 1 ? t('tabs.one') : t('tabs.many', { count: tabs });
}

function short(ms) {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

/** The server's clock counts whole ms. */
function whole(ms) {
  return ms === null ? '–' : ms < 1 ? '<1' : String(ms);
}
