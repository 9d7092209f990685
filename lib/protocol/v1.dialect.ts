import type { MessageFrame, PublicationFrame, ServerFrame } from './server-frames.js';

/** Every frame is an object with a `type`; payloads sit in `data`. */
export function encodeV1(frame: ServerFrame): string | null {
  switch (frame.type) {
    case 'publication':
      return encodePublication(frame);
    case 'message':
      return encodeMessage(frame);
    case 'raw':
      return JSON.stringify(frame.data);
    default:
      return JSON.stringify(frame);
  }
}

function encodePublication(frame: PublicationFrame): string {
  const { payload, ...head } = frame;
  return withPayload(head, payload);
}

function encodeMessage(frame: MessageFrame): string {
  const { payload, ...head } = frame;
  return withPayload(head, payload);
}

/** The payload is JSON text already; parsing it only to serialise it again would cost as much as sending it. */
function withPayload(head: object, payload: string): string {
  const text = JSON.stringify(head);
  return `${text.slice(0, -1)},"data":${payload}}`;
}
