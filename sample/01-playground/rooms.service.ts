import { Injectable } from '@nestjs/common';
import { ChannelService, HauynaError } from '@hauyna/nestjs';

export interface Pin {
  text: string;
  by: string;
}

const MAX_ROOMS = 12;

/** The rooms there are and what is pinned in them. A room is a channel with a name people can find. */
@Injectable()
export class RoomsService {
  private readonly rooms = new Map<string, Pin | null>([
    ['general', null],
    ['support', null],
    ['random', null],
  ]);

  constructor(private readonly channels: ChannelService) {}

  names(): string[] {
    return [...this.rooms.keys()];
  }

  pinned(room: string): Pin | null {
    return this.rooms.get(room) ?? null;
  }

  /** Everybody in the lobby hears of a new room. */
  async create(room: string): Promise<void> {
    if (this.rooms.has(room)) throw new HauynaError('conflict', `There is a room "${room}" already.`);
    if (this.rooms.size >= MAX_ROOMS)
      throw new HauynaError('limit_exceeded', `There are ${MAX_ROOMS} rooms already.`);
    this.rooms.set(room, null);
    await this.channels.broadcast('lobby', { rooms: this.names() }, { event: 'rooms' });
  }

  async pin(room: string, pin: Pin | null): Promise<void> {
    if (!this.rooms.has(room)) throw new HauynaError('not_found', `There is no room "${room}".`);
    this.rooms.set(room, pin);
    await this.channels.broadcast(room, pin ?? {}, { event: 'pin' });
  }

  async clear(room: string, by: string): Promise<void> {
    if (!this.rooms.has(room)) throw new HauynaError('not_found', `There is no room "${room}".`);
    await this.channels.broadcast(room, { by }, { event: 'clear' });
  }
}
