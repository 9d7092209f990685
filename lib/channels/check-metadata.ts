import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { serialise } from '../connection/serialise.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json.js';

/**
 * A copy of metadata that nobody else holds.
 *
 * @param maxBytes largest size as JSON
 * @throws HauynaError `validation_error` unless it is a JSON object, `limit_exceeded` when it is too large
 */
export function checkMetadata(metadata: unknown, maxBytes: number): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  if (!isJsonObject(metadata)) throw notAnObject();
  const text = serialise('The metadata', metadata);
  if (Buffer.byteLength(text) > maxBytes) {
    throw new HauynaError('limit_exceeded', messages.metadataTooLarge(maxBytes), {
      details: [{ path: 'metadata', messages: [`must be at most ${maxBytes} bytes`] }],
    });
  }
  // A `toJSON` may have made something else of it.
  const copy = JSON.parse(text) as JsonValue;
  if (!isJsonObject(copy)) throw notAnObject();
  return copy;
}

function notAnObject(): HauynaError {
  return new HauynaError('validation_error', messages.metadataNotObject(), {
    details: [{ path: 'metadata', messages: ['must be an object'] }],
  });
}
