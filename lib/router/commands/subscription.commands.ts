import { Injectable } from '@nestjs/common';
import { SubscriptionManager } from '../../channels/subscription.manager.js';
import { SubscribeChannelDto, UnsubscribeChannelDto } from '../../dto/frame.dto.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { requireClientName } from '../../errors/require-name.js';
import { FrameContext } from '../../gateway/frame-context.js';
import { ResolvedOptions } from '../../options/resolved-options.js';
import { isJsonObject, type JsonValue } from '../../protocol/json.js';
import { HandlerInvoker } from '../handler.invoker.js';
import type { CommandRequest, CommandResult } from './command.js';
import { decided } from './decide.js';

/** `subscribe_channel` and `unsubscribe_channel`. */
@Injectable()
export class SubscriptionCommands {
  constructor(
    private readonly manager: SubscriptionManager,
    private readonly invoker: HandlerInvoker,
    private readonly options: ResolvedOptions,
  ) {}

  async subscribe({ session, envelope, body }: CommandRequest): Promise<CommandResult> {
    const { channel, metadata, since } = await validateFrame(SubscribeChannelDto, body);
    requireClientName('channel', channel);
    const match = session.table.channel('subscribe', channel);
    let initial: unknown;
    if (match !== undefined) {
      const context = this.context(session, envelope, channel, match.params);
      initial = decided(await this.invoker.invoke(session, match.handler, body, context));
    } else if (this.options.channels.unmatched === 'deny') {
      throw new HauynaError('forbidden', messages.forbidden());
    }
    const { result, release } = await this.manager.join(channel, session.connection, metadata, since);
    if (isJsonObject(initial) || Array.isArray(initial)) result.initial = initial as JsonValue;
    return { data: result, after: release };
  }

  async unsubscribe({ session, envelope, body }: CommandRequest): Promise<CommandResult> {
    const { channel } = await validateFrame(UnsubscribeChannelDto, body);
    const match = session.table.channel('unsubscribe', channel);
    if (match !== undefined) {
      const context = this.context(session, envelope, channel, match.params);
      decided(await this.invoker.invoke(session, match.handler, body, context));
    }
    await this.manager.leave(channel, session.connection);
    return { data: { channel } };
  }

  private context(
    session: CommandRequest['session'],
    envelope: CommandRequest['envelope'],
    channel: string,
    params: Readonly<Record<string, string>>,
  ): FrameContext {
    return new FrameContext(session.connection, envelope.type, { id: envelope.id, channel, params });
  }
}
