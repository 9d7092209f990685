import { randomBytes } from 'node:crypto';
import { MemoryBroker, RandomIdSource, SystemClock } from '@hauyna/nestjs';

/**
 * What is there before the application starts and after it has ended. In production that would be Redis and your secret
 * store; here it is one object, so that "Server restart" can stop the application and lose nothing that was said.
 */
export class Durable {
  /** Carries what is said, and keeps the history. */
  readonly broker = new MemoryBroker(new SystemClock(), new RandomIdSource());
  /** Signs the tokens, so that those from before a restart still count. */
  readonly secret = randomBytes(32);
  /** What the bot has counted up to. */
  count = 0;
}
