import { $, setText } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { t } from '../shared/preferences.js';

/** What there is to try; each is ticked off when it has happened. */
export class Tour {
  constructor() {
    onChildMessage('did', ({ step }) => this.done(step));
  }

  done(step) {
    const item = $(`[data-step="${step}"]`);
    if (item === null || item.classList.contains('done')) return;
    item.classList.add('done');
    setText($('#announce'), t('tour.done', { step: item.textContent }));
  }
}
