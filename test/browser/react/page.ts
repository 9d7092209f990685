import { createElement as h, StrictMode, useState, type ReactElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { createClient } from '../../../lib/client/index.js';
import { App } from './room.js';

declare global {
  /** Which rooms are on the page; set by the test. */
  var show: (rooms: readonly string[]) => void;
  /** The connection states and the lengths of the first list, as they were painted. */
  var seen: string[];
}

const client = createClient('/chat', {
  params: { user_id: 'ana' },
  reconnect: { minDelay: 10, baseDelay: 10, maxDelay: 50 },
});

function Page(): ReactElement {
  const [rooms, setRooms] = useState<readonly string[]>(['first', 'second']);
  globalThis.show = setRooms;
  return h(App, { client, rooms });
}

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no root.');
globalThis.seen = [];
new MutationObserver(() => {
  const connection = document.querySelector('#connection')?.textContent ?? '';
  globalThis.seen.push(`${connection} ${document.querySelectorAll('#first li').length}`);
}).observe(root, { childList: true, characterData: true, subtree: true });
hydrateRoot(root, h(StrictMode, null, h(Page)));
