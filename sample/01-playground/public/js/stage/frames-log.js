import { onChildMessage } from '../shared/frame-messages.js';

/** Of each kind. */
const KEPT = 300;

/** What has gone over both sockets, newest first, whether the drawer is open or not. */
export const frames = [];

/** `onFrame` is told of every frame that comes from now on, and of the one that is kept no longer. */
export const framesLog = { onFrame: () => undefined };

const asked = new Set();
let count = { true: 0, false: 0 };

export function clearFrames() {
  frames.length = 0;
  count = { true: 0, false: 0 };
}

onChildMessage('frame', ({ user, direction, text, at }) => {
  const body = parsed(text);
  const frame = { user, direction, text, at, body, isBeat: isBeat(user, body) };
  frames.unshift(frame);
  // Whatever comes often must not push out what is rare.
  count[frame.isBeat] += 1;
  let dropped;
  if (count[frame.isBeat] > KEPT) {
    count[frame.isBeat] -= 1;
    const oldest = frames.findLastIndex((other) => other.isBeat === frame.isBeat);
    [dropped] = frames.splice(oldest, 1);
  }
  framesLog.onFrame(frame, dropped);
});

/** Heartbeats, numbers, new tokens and the answers to them would hide everything else. */
function isBeat(user, body) {
  const key = `${user} ${body.id}`;
  if (['heartbeat', 'refresh'].includes(body.type) || body.channel === 'pulse') {
    if (body.id !== undefined && body.type !== 'publication') asked.add(key);
    return true;
  }
  return (body.type === 'ack' && asked.delete(key)) || body.data?.kind === 'server_latency';
}

/** What is no JSON is shown as it is. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { type: text };
  }
}
