import { Injectable } from '@nestjs/common';
import { ChannelService } from '../../channels/channel.service.js';
import { SubscriptionIndex } from '../../delivery/subscription.index.js';
import { HistoryDto, PresenceUpdateDto } from '../../dto/frame.dto.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { PresenceService } from '../../presence/presence.service.js';
import type { CommandRequest, CommandResult } from './command.js';

/** `presence_update` and `history`. */
@Injectable()
export class QueryCommands {
  constructor(
    private readonly presence: PresenceService,
    private readonly channels: ChannelService,
    private readonly index: SubscriptionIndex,
  ) {}

  async updatePresence({ session, body }: CommandRequest): Promise<CommandResult> {
    const { metadata } = await validateFrame(PresenceUpdateDto, body);
    await this.presence.updateByClient(session.connection, metadata);
    return {};
  }

  /** What a channel has delivered is for its subscribers. */
  async history({ session, body }: CommandRequest): Promise<CommandResult> {
    const { channel, limit, since, reverse } = await validateFrame(HistoryDto, body);
    if (this.index.get(session.connection, channel) === undefined) {
      throw new HauynaError('not_subscribed', messages.notSubscribed(channel));
    }
    const data = await this.channels.history(channel, {
      ...(limit === undefined ? {} : { limit }),
      ...(since === undefined ? {} : { since }),
      ...(reverse === undefined ? {} : { reverse }),
    });
    return { data };
  }
}
