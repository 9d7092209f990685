import { $, el, setText, syncList } from '../shared/dom.js';
import { t } from '../shared/preferences.js';

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
      (row, name) => update(row, name, rooms.get(name), current === name),
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
      await this.#session.request('create_room', { room });
      await this.#session.join(room);
    });
    if (done) input.value = '';
  }
}

function update(row, name, room, isCurrent) {
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
