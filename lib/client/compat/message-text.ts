import { toJsonText } from '../../protocol/json.js';

const BINARY = new Set(['[object ArrayBuffer]', '[object SharedArrayBuffer]', '[object Blob]']);

/**
 * The text of a message: a string as it is, everything else as JSON.
 *
 * @throws TypeError for values without a JSON form and for binary data
 */
export function messageText(data: unknown): string {
  if (typeof data === 'string') return data;
  if (ArrayBuffer.isView(data) || BINARY.has(Object.prototype.toString.call(data))) {
    throw new TypeError('send(data): messages are text. Encode binary data first, for example as Base64.');
  }
  const text = toJsonText(data);
  if (text === null) throw new TypeError(`send(data): ${typeof data} has no JSON form.`);
  return text;
}

/** The value of a JSON text; what is no JSON stays as it is. */
export function messageValue(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}
