import { $, el, setText } from '../shared/dom.js';
import { preferences, t } from '../shared/preferences.js';

const ROOM = 'general';
/** As many as one answer may bring. */
const MOST = 300;
const SHOWN = 40;

/** A third client, which nobody sees: it comes late and is told what was said, and it reads what the channel has kept. */
export class HistoryView {
  #channel = null;
  #rows = [];
  /** What the channel had kept when the slider was moved; `null` shows what the late client has heard. */
  #kept = null;
  #asking = false;

  render() {
    const back = Number($('#back').value);
    const kept = this.#kept;
    const first = kept === null ? 0 : Math.max(0, kept.length - back);
    const rows = kept === null || back === 0 ? this.#rows : kept.slice(first, first + SHOWN);
    const list = $('#past');
    list.replaceChildren(...rows.map(row));
    $('#past-empty').hidden = rows.length > 0;
    list.scrollTop = rows === this.#rows ? list.scrollHeight : 0;
    setText(
      $('#back-value'),
      back === 0 ? t('history.now') : t('history.back', { count: Math.min(back, kept?.length ?? 0) }),
    );
    $('#back').setAttribute('aria-valuetext', $('#back-value').textContent);
  }

  /** Subscribes like somebody who comes now and wants to know what has happened. */
  async joinLate() {
    this.#rows = [];
    this.#kept = null;
    $('#back').value = '0';
    const channel = await this.#open();
    await channel.unsubscribe();
    await channel.subscribe({ since: { last: 20 } });
    this.render();
  }

  async goBack() {
    if (this.#asking) return;
    this.#asking = true;
    const publications = await this.#read().finally(() => (this.#asking = false));
    this.#kept = publications.map(({ event, data, user, offset }) => ({
      event,
      data,
      user,
      offset,
      isReplayed: true,
    }));
    const slider = $('#back');
    const isAtEnd = slider.value === slider.max;
    slider.max = String(publications.length);
    if (isAtEnd) slider.value = slider.max;
    this.render();
  }

  async #read() {
    const channel = await this.#open();
    await channel.subscribe();
    return (await channel.history({ limit: MOST })).publications;
  }

  /** Anonymous, so it takes part in nothing and is nobody's neighbour. */
  async #open() {
    if (this.#channel !== null) return this.#channel;
    const { createClient } = await import('/hauyna/client.js');
    const channel = (this.#channel ??= createClient('/chat').channel(ROOM));
    for (const event of ['message', 'tip', 'pin', 'clear']) {
      channel.on(event, (data, { userId, offset, recovered }) => {
        this.#rows.push({ event, data, user: userId, offset, isReplayed: recovered });
        this.#rows.splice(0, Math.max(0, this.#rows.length - MOST));
        this.render();
      });
    }
    return channel;
  }
}

function row({ event, data, user, offset, isReplayed }) {
  const text = event === 'message' || event === 'tip' ? (data?.text ?? data?.[preferences.language]) : event;
  return el(
    'li',
    { class: isReplayed ? 'replayed' : 'live', 'data-offset': offset },
    el('span', { class: 'dim' }, `#${offset}`),
    el('b', {}, user ?? data?.from ?? ''),
    el('span', {}, text ?? JSON.stringify(data)),
  );
}
