import { $, el } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { highlight } from '../shared/highlight.js';
import { t } from '../shared/preferences.js';

const KEPT = 200;
const encoder = new TextEncoder();

/** Every frame of both panes, newest first. */
export class FramesView {
  #frames = [];
  #beats = new Set();

  constructor() {
    onChildMessage('frame', (frame) => this.#add(frame));
    $('#frames-user').addEventListener('change', () => this.render());
    $('#frames-beats').addEventListener('change', () => this.render());
    $('#frames-clear').addEventListener('click', () => {
      this.#frames = [];
      this.render();
    });
  }

  render() {
    const frames = this.#frames.filter((frame) => this.#isWanted(frame));
    $('#frames-list').replaceChildren(...frames.map((frame) => item(frame)));
    $('#frames-empty').hidden = frames.length > 0;
  }

  #add({ user, direction, text, at }) {
    const body = JSON.parse(text);
    const frame = { user, direction, text, at, body, isBeat: this.#isBeat(body) };
    this.#frames.unshift(frame);
    const dropped = this.#frames.length > KEPT ? this.#frames.pop() : undefined;
    if (!this.#isWanted(frame)) return;
    $('#frames-empty').hidden = true;
    $('#frames-list').prepend(item(frame));
    if (dropped !== undefined && this.#isWanted(dropped)) $('#frames-list').lastElementChild?.remove();
  }

  /** Heartbeats and their answers would hide everything else. */
  #isBeat(body) {
    if (body.type === 'heartbeat') {
      this.#beats.add(body.id);
      return true;
    }
    return (body.type === 'ack' && this.#beats.delete(body.id)) || body.data?.kind === 'server_latency';
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
