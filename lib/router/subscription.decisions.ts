import { Injectable } from '@nestjs/common';
import { SubscriptionDecider } from '../channels/subscription.decider.js';
import type { Connection } from '../connection/connection.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { FrameContext } from '../gateway/frame-context.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import type { JsonObject } from '../protocol/json.js';
import type { RequestId } from '../protocol/server-frames.js';
import { decided } from './commands/decide.js';
import { HandlerInvoker } from './handler.invoker.js';
import { sessionOf, type Session } from './session.js';

/** Asks the application whether a client may be in a channel: when it wants to come, and again later. */
@Injectable()
export class SubscriptionDecisions extends SubscriptionDecider {
  constructor(
    private readonly invoker: HandlerInvoker,
    private readonly options: ResolvedOptions,
  ) {
    super();
  }

  /**
   * @param body the frame without `type` and `id`
   * @returns what the decision method returned
   * @throws what denies
   */
  async decide(session: Session, channel: string, body: JsonObject, id?: RequestId): Promise<unknown> {
    const match = session.table.channel('subscribe', channel);
    if (match === undefined) {
      if (this.options.channels.unmatched === 'open') return undefined;
      throw new HauynaError('forbidden', messages.forbidden());
    }
    const context = new FrameContext(session.connection, 'subscribe_channel', {
      id,
      channel,
      params: match.params,
    });
    const value = decided(await this.invoker.invoke(session, match.handler, body, context));
    // What a look-up that found nothing returns: nobody means to let somebody in with it.
    if (value === null) throw new HauynaError('forbidden', messages.forbidden());
    return value;
  }

  override async allows(connection: Connection, channel: string, metadata: JsonObject): Promise<boolean> {
    const session = sessionOf(connection);
    if (session === undefined) return false;
    try {
      await this.decide(session, channel, { channel, metadata });
      return true;
    } catch {
      return false;
    }
  }
}
