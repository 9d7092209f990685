import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { toJsonText, type JsonText } from '../protocol/json.js';

/**
 * JSON text of a payload.
 *
 * @param what how the error names it, e.g. `The data`
 * @throws HauynaError `validation_error` when it has no JSON form or its `toJSON` fails; nothing was sent then.
 */
export function serialise(what: string, value: unknown): JsonText {
  let text: JsonText | null;
  try {
    text = toJsonText(value);
  } catch (cause) {
    throw new HauynaError('validation_error', messages.notSerialisable(what), { cause });
  }
  if (text === null) throw new HauynaError('validation_error', messages.notSerialisable(what));
  return text;
}
