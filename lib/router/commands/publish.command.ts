import { Injectable } from '@nestjs/common';
import { ChannelService } from '../../channels/channel.service.js';
import type { Connection } from '../../connection/connection.js';
import { serialise } from '../../connection/serialise.js';
import { SubscriptionIndex } from '../../delivery/subscription.index.js';
import { ChannelMessageDto } from '../../dto/frame.dto.js';
import { validatedForm } from '../../dto/hauyna-validation.pipe.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { requireClientName } from '../../errors/require-name.js';
import { FrameContext } from '../../gateway/frame-context.js';
import { ResolvedOptions } from '../../options/resolved-options.js';
import { HandlerInvoker } from '../handler.invoker.js';
import type { CommandRequest, CommandResult } from './command.js';
import { decided, deliverable } from './decide.js';

/** `channel_message`: a client publishes to a channel it is subscribed to. */
@Injectable()
export class PublishCommand {
  constructor(
    private readonly channels: ChannelService,
    private readonly index: SubscriptionIndex,
    private readonly invoker: HandlerInvoker,
    private readonly options: ResolvedOptions,
  ) {}

  async publish({ session, envelope, body }: CommandRequest): Promise<CommandResult> {
    const frame = await validateFrame(ChannelMessageDto, body);
    const { channel, event = 'message', idempotencyKey, volatile } = frame;
    const { connection } = session;
    // The server may have subscribed the client to a channel of its own: to listen, not to speak.
    requireClientName('channel', channel);
    this.requireSubscription(session, channel);
    const message = body['message'] === undefined ? body['content'] : body['message'];
    const match = session.table.channel('publish', channel, event);
    let payload: unknown = message;
    if (match !== undefined) {
      const { handler, params } = match;
      const context = new FrameContext(connection, envelope.type, {
        id: envelope.id,
        channel,
        params,
        event,
      });
      const value = decided(await this.invoker.invoke(session, handler, message, context));
      payload = deliverable(value, validatedForm(message));
      // The handler may have taken its time: one who has left meanwhile does not publish any more.
      this.requireSubscription(session, channel);
    } else if (this.options.channels.clientPublish === 'handlers') {
      throw new HauynaError('forbidden', messages.forbidden());
    }
    const text = serialise('The message', payload);
    const { offset, epoch } = await this.channels.publish(channel, text, connection.userId, {
      event,
      ...(idempotencyKey === undefined
        ? {}
        : { id: idempotencyKey, idempotencyKey: ownKey(connection, idempotencyKey) }),
      ...(volatile === undefined ? {} : { volatile }),
    });
    return { data: { channel, offset, epoch } };
  }

  private requireSubscription({ connection }: CommandRequest['session'], channel: string): void {
    if (this.index.get(connection, channel) !== undefined) return;
    // One that was cut off meanwhile is no refusal for its client, which asks again.
    if (!connection.isOpen) throw new HauynaError('unavailable', messages.connectionGone(connection.id));
    throw new HauynaError('not_subscribed', messages.notSubscribed(channel));
  }
}

/**
 * Keys of clients are their own: nobody can keep another one's message from being published by guessing its key. Who has no
 * name is known by the session.
 */
function ownKey({ userId, session, id }: Connection, key: string): string {
  return userId === null ? `\n${session?.id ?? id}\n${key}` : `${userId}\n${key}`;
}
