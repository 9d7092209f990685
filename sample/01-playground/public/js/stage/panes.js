import { $ } from '../shared/dom.js';

export const USERS = ['ana', 'luis'];
export const NAMES = { ana: 'Ana', luis: 'Luis' };

/** Asks the client in a pane to do something. */
export function tellPane(user, deed, on) {
  $(`#pane-${user}`).contentWindow.postMessage({ hauyna: 'do', deed, on }, location.origin);
}

/** On a narrow screen one pane is in front; the other one stays connected behind it. */
export class PaneSwitch {
  constructor() {
    for (const user of USERS) $(`#tab-${user}`).addEventListener('click', () => this.#show(user));
    $('.switch').addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      const other = USERS.find((user) => $(`#tab-${user}`).getAttribute('aria-selected') === 'false');
      this.#show(other);
      $(`#tab-${other}`).focus();
    });
    this.#show('ana');
  }

  #show(shown) {
    for (const user of USERS) {
      const tab = $(`#tab-${user}`);
      tab.setAttribute('aria-selected', String(user === shown));
      tab.tabIndex = user === shown ? 0 : -1;
      $(`#pane-${user}`).toggleAttribute('data-behind', user !== shown);
    }
  }
}
