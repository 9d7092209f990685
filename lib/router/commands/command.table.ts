import { Injectable } from '@nestjs/common';
import type { BuiltInFrameType } from '../../protocol/client-frames.js';
import type { Command } from './command.js';
import { DirectCommands } from './direct.commands.js';
import { PublishCommand } from './publish.command.js';
import { QueryCommands } from './query.commands.js';
import { RefreshCommand } from './refresh.command.js';
import { SubscriptionCommands } from './subscription.commands.js';

/** The built-in verbs by their `type`. */
@Injectable()
export class CommandTable {
  private readonly commands: ReadonlyMap<string, Command>;

  constructor(
    subscriptions: SubscriptionCommands,
    publishing: PublishCommand,
    direct: DirectCommands,
    queries: QueryCommands,
    credentials: RefreshCommand,
  ) {
    const commands: Record<Exclude<BuiltInFrameType, 'heartbeat'>, Command> = {
      subscribe_channel: (request) => subscriptions.subscribe(request),
      unsubscribe_channel: (request) => subscriptions.unsubscribe(request),
      channel_message: (request) => publishing.publish(request),
      broadcast: (request) => direct.broadcast(request),
      private: (request) => direct.private(request),
      group: (request) => direct.group(request),
      presence_update: (request) => queries.updatePresence(request),
      history: (request) => queries.history(request),
      refresh: (request) => credentials.refresh(request),
    };
    this.commands = new Map(Object.entries(commands));
  }

  get(type: string): Command | undefined {
    return this.commands.get(type);
  }
}
