import { $, el, setText, syncList } from '../shared/dom.js';
import { t } from '../shared/preferences.js';
import { tabsText } from './head-view.js';
import { isBot, nameOf } from './names.js';

/** The rooms: a click opens one, and joins it first if need be. */
export class RoomsView {
  #session;
  #attempt;

  constructor(session, attempt) {
    this.#session = session;
    this.#attempt = attempt;
    $('#new-room').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#create($('#new-room-name'));
    });
  }

  render() {
    const { roomNames, rooms, current } = this.#session;
    const names = [...new Set([...roomNames, ...rooms.keys()])];
    syncList(
      $('#rooms'),
      names,
      (name) => name,
      (name) => this.#row(name),
      (row, name) => updateRoom(row, name, rooms.get(name), current === name),
    );
  }

  #row(name) {
    const open = el('button', { type: 'button', class: 'room' }, el('span'), el('span'));
    open.addEventListener('click', () => {
      if (this.#session.rooms.has(name)) this.#session.open(name);
      else void this.#attempt(() => this.#session.join(name));
    });
    const leave = el('button', { type: 'button', class: 'leave' }, '×');
    leave.addEventListener('click', () => void this.#attempt(() => this.#session.leave(name)));
    return el('li', {}, open, leave);
  }

  async #create(input) {
    const room = input.value.trim();
    if (room === '') return;
    const done = await this.#attempt(async () => {
      await this.#session.client.request('create_room', { room });
      await this.#session.join(room);
    });
    if (done) input.value = '';
  }
}

function updateRoom(row, name, room, isCurrent) {
  const [open, leave] = row.children;
  const [label, note] = open.children;
  setText(label, `# ${name}`);
  open.dataset.joined = String(room !== undefined);
  if (isCurrent) open.setAttribute('aria-current', 'true');
  else open.removeAttribute('aria-current');
  note.className = room === undefined ? 'join' : 'count';
  note.hidden = room !== undefined && room.unread === 0;
  setText(note, room === undefined ? t('rooms.join') : String(room.unread));
  leave.hidden = room === undefined;
  leave.setAttribute('aria-label', t('rooms.leave', { room: name }));
}

/** Who is in the room that is open. Each room has its own people. */
export class PeopleView {
  #session;
  #attempt;

  constructor(session, attempt) {
    this.#session = session;
    this.#attempt = attempt;
  }

  render() {
    const { room } = this.#session;
    setText($('#people-title'), room === undefined ? t('rooms.none') : t('people', { room: room.name }));
    const people = [...(room?.people ?? [])].sort(
      ([a], [b]) => Number(isBot(a)) - Number(isBot(b)) || (a < b ? -1 : 1),
    );
    syncList(
      $('#people'),
      people,
      ([user]) => user,
      ([user]) => this.#row(user),
      (row, person) => this.#update(row, person),
    );
  }

  #row(user) {
    const role = el('button', { type: 'button', class: 'small role' });
    role.addEventListener('click', () => {
      const type = role.dataset.moderator === 'true' ? 'demote' : 'promote';
      void this.#attempt(() => this.#session.client.request(type, { userId: user }));
    });
    return el(
      'li',
      {},
      el('span', { class: 'gem tiny', 'aria-hidden': 'true', 'data-user': user }),
      el(
        'span',
        {},
        el('span', { class: 'name' }, el('span'), el('span', { class: 'dot', role: 'img' })),
        el('span', { class: 'facts' }),
      ),
      isBot(user) ? el('span') : role,
    );
  }

  #update(row, [user, { status, tabs, moderator }]) {
    const [gem, text, role] = row.children;
    const name = nameOf(this.#session, user);
    setText(gem, name.charAt(0));
    setText(text.querySelector('.name span'), name);
    const said = t(`status.${tabs === 0 ? 'gone' : (status ?? 'online')}`);
    const dot = text.querySelector('.dot');
    dot.dataset.status = tabs === 0 ? '' : (status ?? 'online');
    dot.setAttribute('aria-label', said);
    const more = [tabs > 1 ? tabsText(tabs) : '', moderator ? t('moderator') : ''].filter(Boolean);
    setText(
      text.querySelector('.facts'),
      more.length === 0 || status === 'away' || tabs === 0 ? said : more.join('\n'),
    );
    row.title = [name, said, ...more].join(', ');
    if (isBot(user)) return;
    role.dataset.moderator = String(moderator === true);
    setText(role, t(moderator ? 'people.demote' : 'people.promote'));
    role.setAttribute('aria-label', t(moderator ? 'people.demoteWho' : 'people.promoteWho', { name }));
  }
}
