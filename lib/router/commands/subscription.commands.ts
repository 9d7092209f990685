import { Injectable } from '@nestjs/common';
import { SubscriptionManager } from '../../channels/subscription.manager.js';
import { SubscriptionRevalidator } from '../../channels/subscription.revalidator.js';
import { SubscribeChannelDto, UnsubscribeChannelDto } from '../../dto/frame.dto.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { requireClientName } from '../../errors/require-name.js';
import { FrameContext } from '../../gateway/frame-context.js';
import { isJsonObject, type JsonValue } from '../../protocol/json.js';
import { HandlerInvoker } from '../handler.invoker.js';
import { SubscriptionDecisions } from '../subscription.decisions.js';
import type { CommandRequest, CommandResult } from './command.js';
import { decided } from './decide.js';

/** `subscribe_channel` and `unsubscribe_channel`. */
@Injectable()
export class SubscriptionCommands {
  constructor(
    private readonly manager: SubscriptionManager,
    private readonly invoker: HandlerInvoker,
    private readonly decisions: SubscriptionDecisions,
    private readonly revalidator: SubscriptionRevalidator,
  ) {}

  async subscribe({ session, envelope, body }: CommandRequest): Promise<CommandResult> {
    const { channel, metadata, since, presence } = await validateFrame(SubscribeChannelDto, body);
    requireClientName('channel', channel);
    const { connection } = session;
    const { round } = this.revalidator;
    const initial = await this.decisions.decide(session, channel, body, envelope.id);
    const hasInitial = isJsonObject(initial) || Array.isArray(initial);
    // What has no JSON form fails now, and not when the client is subscribed already.
    if (hasInitial) JSON.stringify(initial);
    const how = { byClient: true, presence };
    const { result, release } = await this.manager.join(channel, connection, metadata, since, how);
    // What was allowed when the decision began may not be any more; whoever looked meanwhile found no subscription to end.
    if (this.revalidator.round !== round && (await this.revalidator.recheck(connection, channel))) {
      throw new HauynaError('forbidden', messages.forbidden());
    }
    if (hasInitial) result.initial = initial as JsonValue;
    return { data: result, after: release };
  }

  async unsubscribe({ session, envelope, body }: CommandRequest): Promise<CommandResult> {
    const { channel } = await validateFrame(UnsubscribeChannelDto, body);
    const match = session.table.channel('unsubscribe', channel);
    if (match !== undefined) {
      const { id, type } = envelope;
      const context = new FrameContext(session.connection, type, { id, channel, params: match.params });
      decided(await this.invoker.invoke(session, match.handler, body, context));
    }
    await this.manager.leave(channel, session.connection);
    return { data: { channel } };
  }
}
