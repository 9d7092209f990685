import { $, setText } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { preferences } from '../shared/preferences.js';

const SUMS = ['sent', 'received', 'missing', 'duplicates', 'recovered', 'reconnects'];
/** Of these there must be none, ever. */
const FAULTS = ['missing', 'duplicates'];

/** The scores of both panes in one. They count; this adds up. */
export class Scoreboard {
  #scores = new Map();
  /** The most there has ever been. */
  #worst = { missing: 0, duplicates: 0 };

  constructor() {
    onChildMessage('score', ({ user, score }) => {
      this.#scores.set(user, score);
      this.render();
    });
  }

  render() {
    const scores = [...this.#scores.values()];
    for (const name of SUMS) {
      const value = scores.reduce((sum, score) => sum + score[name], 0);
      this.#show(name, value.toLocaleString(preferences.language));
      if (FAULTS.includes(name)) this.#judge(name, value);
    }
    const longest = Math.max(0, ...scores.map(({ longestGap }) => longestGap));
    this.#show('longestGap', `${(longest / 1000).toFixed(1)} s`);
  }

  #judge(name, value) {
    this.#worst[name] = Math.max(this.#worst[name], value);
    const item = $(`[data-score="${name}"]`);
    item.dataset.worst = String(this.#worst[name]);
    item.classList.toggle('bad', this.#worst[name] > 0);
  }

  #show(name, text) {
    setText($(`[data-score="${name}"] dd`), text);
  }
}
