import { $, el, setText, syncList } from '../shared/dom.js';
import { t } from '../shared/preferences.js';
import { tabsText } from './head-view.js';
import { isBot, nameOf } from './names.js';

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
      void this.#attempt(() => this.#session.request(type, { userId: user }));
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
