import { $, el } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { t } from '../shared/preferences.js';
import { EXAMPLES } from './seed-examples.js';

const KEPT = 200;

/** Runs the JavaScript of the original README in a frame of its own and shows what it logs. */
export class SeedView {
  #frame = null;

  constructor() {
    $('#seed-code').value = EXAMPLES.basic;
    $('#seed-example').addEventListener(
      'change',
      () => ($('#seed-code').value = EXAMPLES[$('#seed-example').value]),
    );
    $('#seed-run').addEventListener('click', () => this.#run());
    $('#seed-stop').addEventListener('click', () => this.#stop());
    onChildMessage('console', ({ level, text, key, values }, source) => {
      if (source !== this.#frame?.contentWindow) return;
      this.#print(level, key === undefined ? text : t(key, values));
    });
    onChildMessage('runner-ready', (_, source) => {
      if (source === this.#frame?.contentWindow)
        source.postMessage({ hauyna: 'run', code: $('#seed-code').value }, location.origin);
    });
  }

  render() {
    const select = $('#seed-example');
    const chosen = select.value || 'basic';
    select.replaceChildren(
      ...Object.keys(EXAMPLES).map((name) => el('option', { value: name }, t(`seed.${name}`))),
    );
    select.value = chosen;
  }

  /** A new frame for every run: nothing of the last one is left, its sockets neither. */
  #run() {
    this.#stop();
    $('#seed-console').replaceChildren();
    this.#frame = el('iframe', { src: '/runner.html', title: 'runner', hidden: '' });
    document.body.append(this.#frame);
    $('#seed-stop').disabled = false;
  }

  #stop() {
    this.#frame?.remove();
    this.#frame = null;
    $('#seed-stop').disabled = true;
  }

  #print(level, text) {
    const output = $('#seed-console');
    output.append(el('p', { class: level }, text));
    if (output.children.length > KEPT) output.firstElementChild.remove();
    output.scrollTop = output.scrollHeight;
  }
}
