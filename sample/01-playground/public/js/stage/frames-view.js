import { $, el } from '../shared/dom.js';
import { highlight } from '../shared/highlight.js';
import { t } from '../shared/preferences.js';
import { clearFrames, frames, framesLog } from './frames-log.js';

const encoder = new TextEncoder();

/** Every frame of both panes, newest first. */
export class FramesView {
  #items = new Map();

  constructor() {
    framesLog.onFrame = (frame, dropped) => this.#add(frame, dropped);
    $('#frames-user').addEventListener('change', () => this.render());
    $('#frames-beats').addEventListener('change', () => this.render());
    $('#frames-clear').addEventListener('click', () => {
      clearFrames();
      this.render();
    });
  }

  render() {
    this.#items = new Map(
      frames.filter((frame) => this.#isWanted(frame)).map((frame) => [frame, item(frame)]),
    );
    $('#frames-list').replaceChildren(...this.#items.values());
    $('#frames-empty').hidden = this.#items.size > 0;
  }

  #add(frame, dropped) {
    // Everything is shown when the drawer is opened.
    if ($('#view-frames').hidden) return;
    this.#items.get(dropped)?.remove();
    this.#items.delete(dropped);
    if (!this.#isWanted(frame)) return;
    const added = item(frame);
    this.#items.set(frame, added);
    $('#frames-empty').hidden = true;
    $('#frames-list').prepend(added);
  }

  #isWanted({ user, isBeat }) {
    const wanted = $('#frames-user').value;
    return (wanted === '' || wanted === user) && (!isBeat || $('#frames-beats').checked);
  }
}

function item({ user, direction, text, body, at }) {
  const size = encoder.encode(text).length;
  const time = new Date(at).toISOString().slice(14, 23);
  const pre = el('pre');
  const details = el(
    'details',
    {},
    el(
      'summary',
      {},
      el('span', {}, user),
      el('span', { class: direction, title: direction }, direction === 'in' ? '↓' : '↑'),
      el('b', {}, body.type + (body.channel === undefined ? '' : ` ${body.channel}`)),
      el('span', { class: 'dim' }, t('frames.bytes', { count: size })),
      el('span', { class: 'dim' }, time),
    ),
    pre,
  );
  details.addEventListener('toggle', () => {
    if (details.open) pre.replaceChildren(highlight(JSON.stringify(body, null, 2)));
  });
  return el('li', { class: body.type === 'error' ? 'error' : '' }, details);
}
