import { $, el, setText } from '../shared/dom.js';
import { highlight } from '../shared/highlight.js';
import { t } from '../shared/preferences.js';

/** The files of the server, as they are on the disk. */
export class CodeView {
  #text = '';

  constructor() {
    $('#code-file').addEventListener('change', () => void this.#show());
    $('#code-copy').addEventListener('click', async () => {
      await navigator.clipboard.writeText(this.#text);
      setText($('#code-copy'), t('code.copied'));
      setTimeout(() => setText($('#code-copy'), t('code.copy')), 1500);
    });
    void this.#list();
  }

  async #list() {
    const names = await (await fetch('/source')).json();
    $('#code-file').replaceChildren(...names.map((name) => el('option', { value: name }, name)));
    await this.#show();
  }

  async #show() {
    const response = await fetch(`/source/${encodeURIComponent($('#code-file').value)}`);
    this.#text = await response.text();
    $('#code-text').replaceChildren(highlight(this.#text));
    $('.code').scrollTo(0, 0);
  }
}
