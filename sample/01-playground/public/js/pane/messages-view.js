import { $, el, setText, syncList } from '../shared/dom.js';
import { preferences, t } from '../shared/preferences.js';
import { nameOf } from './names.js';

const NOTHING = { kind: 'empty' };
/** Errors that have words of their own. */
const REFUSALS = ['forbidden', 'parse_error', 'unknown_type', 'validation_error', 'not_subscribed'];

/** What was said in the room that is open, among what was said to this person directly. */
export class MessagesView {
  #session;
  #shown = new WeakSet();
  #keys = new WeakMap();
  #next = 0;

  constructor(session, attempt) {
    this.#session = session;
    $('#pin').addEventListener('click', () => void this.#pin(attempt));
    $('#clear').addEventListener(
      'click',
      () => void attempt(() => session.client.request('clear_room', { room: session.current })),
    );
  }

  render() {
    const { room, direct, current } = this.#session;
    setText($('#room-name'), room === undefined ? '' : `# ${current}`);
    for (const id of ['#pin', '#clear']) $(id).disabled = room === undefined;
    const pinned = room?.pinned ?? null;
    setText($('#pin'), t(pinned === null ? 'pin' : 'unpin'));
    $('#pinned').hidden = pinned === null;
    if (pinned !== null) {
      $('#pinned').replaceChildren(
        el('b', {}, t('pinned', { name: nameOf(this.#session, pinned.by) })),
        ` ${pinned.text}`,
      );
    }
    this.#renderScore();
    this.#renderList([...(room?.messages ?? []), ...direct].sort((a, b) => a.at - b.at));
  }

  #renderScore() {
    const { received, missing } = this.#session.score.toJSON();
    setText($('#score'), t('score', { received, missing }));
    $('#score').classList.toggle('bad', missing > 0);
  }

  #renderList(messages) {
    const list = $('#messages');
    const follow = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const before = list.lastElementChild;
    const shown = messages.length === 0 ? [NOTHING] : messages;
    // A screen reader is told of what is added, so what is there already must stay.
    syncList(
      list,
      shown,
      (message) => this.#keyOf(message),
      (message) => this.#item(message),
      () => undefined,
    );
    if (follow && list.lastElementChild !== before) list.scrollTop = list.scrollHeight;
  }

  /** Another one where the message would look different. */
  #keyOf(message) {
    if (!this.#keys.has(message)) this.#keys.set(message, this.#next++);
    return `${this.#keys.get(message)} ${preferences.language} ${nameOf(this.#session, message.from ?? message.by)}`;
  }

  #item(message) {
    const isNew = !this.#shown.has(message);
    this.#shown.add(message);
    switch (message.kind) {
      case 'said':
        return this.#said(message, isNew);
      case 'refused':
        return refusal(message.error);
      case 'cleared':
        return el(
          'div',
          { class: 'notice' },
          t('notice.cleared', { name: nameOf(this.#session, message.by) }),
        );
      case 'hint':
        return el('div', { class: 'notice' }, t(message.text));
      case 'back':
        return el('div', { class: 'notice good' }, backText(message));
      case 'renewed':
        return el('div', { class: 'notice good' }, t('notice.renewed', message));
      case 'incomplete':
        return el('div', { class: 'notice bad' }, t('notice.incomplete', message));
      default:
        return el('div', { class: 'notice' }, t(`notice.${message.kind}`, message));
    }
  }

  #said(message, isNew) {
    const { from, data, at, via, to } = message;
    const mine = from === this.#session.user;
    const classes = ['message', mine && 'mine', isNew && 'new', message.caughtUp && 'caught-up'];
    const time = new Date(at).toLocaleTimeString(preferences.language, {
      hour: '2-digit',
      minute: '2-digit',
    });
    const key = via === 'private' && to !== undefined ? 'via.privateTo' : `via.${via}`;
    const address = t(key, { ...message, name: to === undefined ? '' : nameOf(this.#session, to) });
    return el(
      'div',
      { class: classes.filter(Boolean).join(' ') },
      el(
        'div',
        { class: 'meta' },
        mine || from === undefined ? null : el('b', {}, nameOf(this.#session, from)),
        el('span', { class: 'via', 'data-via': via }, address),
        el('time', {}, time),
      ),
      el('div', { class: 'bubble' }, textOf(data)),
    );
  }

  async #pin(attempt) {
    const { room, current } = this.#session;
    const last = room.messages.findLast(({ kind }) => kind === 'said');
    if (room.pinned === null && last === undefined) {
      this.#session.note({ kind: 'hint', text: 'pin.nothing' });
      return;
    }
    const text = room.pinned === null ? textOf(last.data).slice(0, 200) : '';
    await attempt(() => this.#session.client.request('pin', { room: current, text }));
  }
}

/** Payloads are whatever their sender sent. */
function textOf(data) {
  if (typeof data === 'string') return data;
  return data?.text ?? data?.[preferences.language] ?? JSON.stringify(data);
}

function refusal(error) {
  const known = REFUSALS.includes(error.error_type) ? error.error_type : 'other';
  return el('div', { class: 'refusal' }, el('p', {}, t(`refused.${known}`)), el('code', {}, spaced(error)));
}

/** JSON on one line that may break between its fields. */
function spaced(frame) {
  return JSON.stringify(frame, null, 1).replace(/\n\s*/g, ' ');
}

function backText({ seconds, missed }) {
  const keys = ['notice.back', 'notice.caughtUpOne'];
  return t(keys[missed] ?? 'notice.caughtUp', { seconds, count: missed });
}
