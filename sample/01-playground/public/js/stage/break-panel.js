import { $, setText } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { t } from '../shared/preferences.js';
import { NAMES, tellPane, USERS } from './panes.js';

const DELAY = 300;
const LOSS = 20;

/** The panel "Break it". Every button acts on the server or on a socket; the page only watches what becomes of it. */
export class BreakPanel {
  #who = 'ana';
  #faults = {};
  #traffic = false;
  #flooding = false;
  #restarting = false;
  #told = null;

  constructor() {
    for (const button of document.querySelectorAll('[data-break]')) {
      button.addEventListener('click', () => void this.#do(button.dataset.break));
    }
    for (const button of document.querySelectorAll('[data-who]')) {
      button.addEventListener('click', () => {
        this.#who = button.dataset.who;
        this.render();
      });
    }
    onChildMessage('state', ({ state }) => {
      if (state !== 'connected' || !this.#restarting) return;
      this.#restarting = false;
      this.render();
    });
    void this.#readFaults();
  }

  render() {
    const name = NAMES[this.#who];
    const { delay = 0, loss = 0 } = this.#faults[this.#who] ?? {};
    const pressed = { delay: delay > 0, loss: loss > 0, traffic: this.#traffic };
    for (const button of document.querySelectorAll('[data-break]')) {
      const { break: what } = button.dataset;
      setText(button, t(`break.${what}`, { name }));
      button.title = t(`told.${what}`, { name });
      if (what in pressed) button.setAttribute('aria-pressed', String(pressed[what]));
      button.disabled = this.#restarting || (what === 'flood' && this.#flooding);
    }
    for (const button of document.querySelectorAll('[data-who]')) {
      button.setAttribute('aria-pressed', String(button.dataset.who === this.#who));
    }
    const told = this.#told ?? { key: 'break.hint' };
    setText($('#told'), t(told.key, told.values));
  }

  async #do(what) {
    const who = this.#who;
    const values = { name: NAMES[who] };
    const faults = { delay: 0, loss: 0, ...this.#faults[who] };
    switch (what) {
      case 'drop':
      case 'freeze':
        await post(`${what}/${who}`);
        break;
      case 'dropAll':
        await post('drop');
        break;
      case 'restart':
        this.#restarting = true;
        await post('restart');
        break;
      case 'delay':
        await this.#break(who, { ...faults, delay: faults.delay > 0 ? 0 : DELAY });
        break;
      case 'loss':
        await this.#break(who, { ...faults, loss: faults.loss > 0 ? 0 : LOSS });
        break;
      case 'expire':
      case 'garbage':
        tellPane(who, what);
        break;
      case 'traffic':
        this.#traffic = !this.#traffic;
        for (const user of USERS) tellPane(user, 'traffic', this.#traffic);
        break;
      case 'flood':
        this.#tell('told.flood', values);
        await this.#flood();
        return;
    }
    this.#tell(this.#isOff(what) ? `told.${what}.off` : `told.${what}`, values);
  }

  #isOff(what) {
    if (what === 'traffic') return !this.#traffic;
    return (what === 'delay' || what === 'loss') && !(this.#faults[this.#who]?.[what] > 0);
  }

  #tell(key, values) {
    this.#told = { key, values };
    this.render();
  }

  async #break(who, faults) {
    this.#faults[who] = await post(`faults/${who}?${new URLSearchParams(faults)}`);
  }

  async #flood() {
    this.#flooding = true;
    this.render();
    const { flood } = await import('./flood.js');
    const { accepted, refused } = await flood(({ accepted, refused }) => {
      $('#flood').hidden = false;
      $('#flood').max = Math.max(1, accepted + refused);
      $('#flood').value = accepted;
    });
    this.#flooding = false;
    this.#tell('told.flood.done', { accepted, refused });
  }

  /** Somebody may have broken something before this page was opened. */
  async #readFaults() {
    this.#faults = await (await fetch('/lab')).json();
    this.render();
  }
}

async function post(path) {
  const response = await fetch(`/lab/${path}`, { method: 'POST' });
  return response.json();
}
