import { createElement as h, useState, type ReactElement } from 'react';
import type { HauynaClient } from '../../../lib/client/index.js';
import {
  useChannel,
  useConnectionState,
  useEvent,
  useHistory,
  usePresence,
} from '../../../lib/react/index.js';

/** One component that uses the channel; there are two of them on the page. */
function Room({ id, client }: { id: string; client: HauynaClient }): ReactElement {
  const { channel, state, error } = useChannel(client, 'room:1', { metadata: { name: 'Ana' } });
  const messages = useHistory(channel, { limit: 50, max: 200 });
  const members = usePresence(channel);
  const [heard, setHeard] = useState(0);
  useEvent(channel, 'message', () => setHeard((count) => count + 1));
  return h(
    'section',
    { id },
    h('p', { className: 'state' }, error?.code ?? state),
    h('p', { className: 'heard' }, heard),
    h('p', { className: 'members' }, [...members.keys()].join(' ')),
    h(
      'ol',
      null,
      messages.map(({ data, meta }) => h('li', { key: `${meta.epoch} ${meta.offset}` }, String(data))),
    ),
  );
}

export function App({ client, rooms }: { client: HauynaClient; rooms: readonly string[] }): ReactElement {
  return h(
    'main',
    null,
    h('p', { id: 'connection' }, useConnectionState(client)),
    rooms.map((id) => h(Room, { key: id, id, client })),
  );
}
