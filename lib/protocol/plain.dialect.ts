import type { ServerFrame } from './server-frames.js';

/** The seed's JSON: what you send is what they get. */
export function encodePlain(frame: ServerFrame): string | null {
  switch (frame.type) {
    case 'publication':
    case 'message':
      return frame.payload;
    case 'raw':
      return JSON.stringify(frame.data);
    // A plain client parses everything it gets; it must not meet frames it never asked for.
    case 'welcome':
    case 'disconnect':
    case 'retry_policy':
    case 'unsubscribed':
    case 'position':
    case 'request':
      return null;
    default:
      return JSON.stringify(frame);
  }
}
