import { Injectable } from '@nestjs/common';
import type { HistoryPolicy } from '../broker/broker.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import {
  compareSpecificity,
  matchChannel,
  parseChannelPattern,
  type ChannelPattern,
} from '../protocol/channel-pattern.js';

/** What the options say about a channel, by the most specific pattern that matches its name. */
@Injectable()
export class ChannelPolicy {
  private readonly histories: { pattern: ChannelPattern; policy: HistoryPolicy }[];

  constructor(options: ResolvedOptions) {
    this.histories = Object.entries(options.channels.history)
      .map(([source, policy]) => ({ pattern: parseChannelPattern(source), policy }))
      .sort((a, b) => compareSpecificity(a.pattern, b.pattern));
  }

  /** How much of the channel is kept; `null` for nothing. */
  history(channel: string): HistoryPolicy | null {
    for (const { pattern, policy } of this.histories) {
      if (matchChannel(pattern, channel) !== null) return policy;
    }
    return null;
  }
}
