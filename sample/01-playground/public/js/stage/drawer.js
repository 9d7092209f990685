import { $, setText } from '../shared/dom.js';
import { t } from '../shared/preferences.js';

/** One drawer, three views. Escape closes it and gives the focus back. */
export class Drawer {
  #loaders;
  #views = new Map();
  #open = null;

  /** @param loaders makes each view, by its name, when it is first opened */
  constructor(loaders) {
    this.#loaders = loaders;
    $('#drawer-close').addEventListener('click', () => void this.toggle(null));
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#open !== null) void this.toggle(null);
    });
  }

  render() {
    $('#drawer').hidden = this.#open === null;
    document.body.classList.toggle('with-drawer', this.#open !== null);
    for (const name of Object.keys(this.#loaders)) {
      $(`#view-${name}`).hidden = name !== this.#open;
      $(`[data-drawer="${name}"]`).setAttribute('aria-expanded', String(name === this.#open));
    }
    if (this.#open === null) return;
    setText($('#drawer-title'), t(`drawer.${this.#open}`));
    this.#views.get(this.#open)?.render?.();
  }

  async toggle(name) {
    const before = this.#open;
    this.#open = name === before ? null : name;
    this.render();
    if (this.#open === null) {
      $(`[data-drawer="${before}"]`)?.focus();
      return;
    }
    $('#drawer-close').focus();
    if (!this.#views.has(name)) this.#views.set(name, await this.#loaders[name]());
    this.render();
  }
}
