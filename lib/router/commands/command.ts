import type { JsonObject } from '../../protocol/json.js';
import type { Session } from '../session.js';
import type { Envelope } from '../../protocol/envelope.js';

/** A built-in verb on its way. */
export interface CommandRequest {
  session: Session;
  envelope: Envelope;
  /** The frame without `type` and `id`. */
  body: JsonObject;
}

/** What a verb answers. */
export interface CommandResult {
  /** The `data` of the ack. */
  data?: unknown;
  /** Called once the answer is on its way. */
  after?: () => void;
}

/** A built-in verb. Throws what goes into the error frame. */
export type Command = (request: CommandRequest) => Promise<CommandResult>;
