import type { FieldIssue } from './error-types.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';
import type { RequestId } from './server-frames.js';
import { scanJsonText, type TextLimits } from './text-scan.js';

/** A frame of a client whose outer shape has been checked; the fields of its type have not. */
export interface Envelope {
  /** The frame's `type`, or its `event` for `{event, data}` frames. */
  type: string;
  /** Present when the sender expects an answer. */
  id: RequestId | undefined;
  /** Whether it came as `{event, data}`, the shape of Nest's own clients. */
  native: boolean;
  /** The whole frame as it was parsed. */
  frame: JsonObject;
}

/** What is wrong with a text that is no frame. `id` is given when one could be read. */
export interface EnvelopeProblem {
  type: 'parse_error' | 'validation_error' | 'limit_exceeded';
  message: string;
  issues?: FieldIssue[];
  id?: RequestId;
}

/** Longest `type` or `event` a frame may carry, in characters. */
export const MAX_TYPE_LENGTH = 128;
/** Longest `id` a frame may carry, in characters. */
export const MAX_ID_LENGTH = 128;

/**
 * Reads one text message of a client. Never throws, and never answers with part of a frame:
 * either everything about the envelope is right, or the problem says which field to mend.
 */
export function readEnvelope(text: string, limits: TextLimits): Envelope | EnvelopeProblem {
  const excess = scanJsonText(text, limits);
  if (excess === 'depth') {
    return { type: 'limit_exceeded', message: `The message nests deeper than ${limits.maxDepth} levels.` };
  }
  if (excess === 'keys') {
    return { type: 'limit_exceeded', message: `The message has more than ${limits.maxKeys} keys.` };
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return {
      type: 'parse_error',
      message: 'The message is not valid JSON. Send one JSON object per message.',
    };
  }
  return checkEnvelope(value);
}

/** Tells a problem from an envelope. */
export function isEnvelopeProblem(result: Envelope | EnvelopeProblem): result is EnvelopeProblem {
  return 'message' in result;
}

/** Checks the outer shape of a parsed message. */
export function checkEnvelope(value: unknown): Envelope | EnvelopeProblem {
  if (!isJsonObject(value)) {
    return {
      type: 'validation_error',
      message: 'The message must be a JSON object with a "type".',
      issues: [{ path: '', messages: ['must be an object'] }],
    };
  }
  const id = readId(value);
  if (typeof id === 'object') return id;
  const withId = id === undefined ? {} : { id };
  const native = !Object.hasOwn(value, 'type') && Object.hasOwn(value, 'event');
  const field = native ? 'event' : 'type';
  const type = Object.hasOwn(value, field) ? value[field] : undefined;
  if (typeof type !== 'string' || type === '' || type.length > MAX_TYPE_LENGTH) {
    return {
      type: 'validation_error',
      message: `The message must have a "${field}": text of 1 to ${MAX_TYPE_LENGTH} characters.`,
      issues: [{ path: field, messages: [`must be text of 1 to ${MAX_TYPE_LENGTH} characters`] }],
      ...withId,
    };
  }
  return { type, id, native, frame: value };
}

function readId(frame: JsonObject): RequestId | undefined | EnvelopeProblem {
  if (!Object.hasOwn(frame, 'id')) return undefined;
  const id = frame['id'];
  if (typeof id === 'number' && Number.isFinite(id)) return id;
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH) return id;
  const rule = `must be a number or text of 1 to ${MAX_ID_LENGTH} characters`;
  return {
    type: 'validation_error',
    message: `The "id" of a message ${rule}.`,
    issues: [{ path: 'id', messages: [rule] }],
  };
}
