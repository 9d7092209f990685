import { Injectable } from '@nestjs/common';
import { GroupStore } from '../broker/group-store.js';
import type { PresenceTransition } from '../broker/presence-store.js';
import type { Connection } from '../connection/connection.js';
import { FanOutService } from '../delivery/fan-out.service.js';
import { LifecycleBus } from '../events/lifecycle.bus.js';

/** Tells of changes of presence: the subscribers of the channel concerned, and nobody else; then the application. */
@Injectable()
export class PresenceAnnouncer {
  constructor(
    private readonly fanOut: FanOutService,
    private readonly groups: GroupStore,
    private readonly bus: LifecycleBus<Connection>,
  ) {}

  /** @returns when the application has been told; nothing when nobody there wants to know */
  announce(transitions: readonly PresenceTransition[]): void | Promise<void> {
    for (const { channel, event, userId, metadata } of transitions) {
      if (channel === undefined) continue;
      this.fanOut.toChannel(channel, {
        type: 'presence_change',
        event,
        user: userId,
        channel,
        metadata: { ...metadata, channel },
      });
    }
    if (transitions.length === 0 || !this.bus.has('presenceChanged')) return;
    return this.tellApplication(transitions);
  }

  private async tellApplication(transitions: readonly PresenceTransition[]): Promise<void> {
    const userId = (transitions[0] as PresenceTransition).userId;
    const member = await this.groups.groupsOf(userId);
    for (const { event, channel, group, metadata } of transitions) {
      const groups = group === undefined || member.includes(group) ? member : [...member, group];
      this.bus.emit('presenceChanged', {
        event,
        userId,
        ...(channel === undefined ? {} : { channel }),
        ...(group === undefined ? {} : { group }),
        groups: [...groups],
        metadata,
      });
    }
  }
}
