import { $, el, setText, syncList } from '../shared/dom.js';
import { t } from '../shared/preferences.js';
import { isBot, nameOf } from './names.js';

/** Says things: to the room, to one person, to a group, to everybody. */
export class Composer {
  #session;
  #attempt;

  constructor(session, attempt) {
    this.#session = session;
    this.#attempt = attempt;
    $('#composer').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send($('#text'));
    });
  }

  render() {
    const { room, people, user } = this.#session;
    const others = [...people.keys()].filter((id) => id !== user && !isBot(id)).sort();
    const addresses = [
      ...(room === undefined ? [] : [{ value: 'room', text: t('to.room', { room: room.name }) }]),
      ...others.map((id) => ({
        value: `private ${id}`,
        text: t('to.private', { name: nameOf(this.#session, id) }),
      })),
      { value: 'group', text: t('to.group') },
      { value: 'broadcast', text: t('to.broadcast') },
    ];
    syncList(
      $('#to'),
      addresses,
      ({ value }) => value,
      ({ value }) => el('option', { value }),
      (option, { text }) => setText(option, text),
    );
  }

  async #send(input) {
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    const [way, to] = $('#to').value.split(' ');
    const done = await this.#attempt(() => this.#deliver(way, to, text));
    if (!done && input.value === '') input.value = text;
  }

  async #deliver(way, to, text) {
    const { room, user, client } = this.#session;
    const message = { text };
    switch (way) {
      case 'room':
        await this.#session.say(room, message);
        return;
      case 'private':
        await client.request('private', { to, message });
        // Only Luis gets it; what was sent is shown here by this page.
        this.#session.note({ kind: 'said', via: 'private', to, from: user, data: message });
        return;
      case 'group':
        await client.request('group', { room: 'moderators', message });
        if (this.#session.people.get(user)?.moderator === true) return;
        this.#session.note({ kind: 'said', via: 'group', group: 'moderators', from: user, data: message });
        return;
      default:
        await client.request('broadcast', { message });
    }
  }
}
