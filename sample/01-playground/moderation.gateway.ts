import { MessageBody } from '@nestjs/websockets';
import {
  GroupService,
  HauynaGateway,
  OnMessage,
  PresenceService,
  RequireGroup,
  UserId,
} from '@hauyna/nestjs';
import { MemberDto, PinDto, RoomDto } from './chat.dto.js';
import { RoomsService } from './rooms.service.js';

export const MODERATORS = 'moderators';

@HauynaGateway({ path: '/chat' })
export class ModerationGateway {
  constructor(
    private readonly groups: GroupService,
    private readonly presence: PresenceService,
    private readonly rooms: RoomsService,
  ) {}

  /** In a playground anybody may promote. In your application, `@RequireGroup('admins')` goes here. */
  @OnMessage('promote')
  async promote(@MessageBody() { userId }: MemberDto) {
    await this.groups.add(userId, MODERATORS);
    await this.presence.update(userId, { moderator: true });
    return { moderators: await this.groups.members(MODERATORS) };
  }

  @OnMessage('demote')
  async demote(@MessageBody() { userId }: MemberDto) {
    await this.groups.remove(userId, MODERATORS);
    await this.presence.update(userId, { moderator: false });
    return { moderators: await this.groups.members(MODERATORS) };
  }

  /** Everybody else gets `{ type: 'error', error_type: 'forbidden' }`. */
  @OnMessage('pin')
  @RequireGroup(MODERATORS)
  async pin(@MessageBody() { room, text }: PinDto, @UserId() by: string) {
    await this.rooms.pin(room, text === '' ? null : { text, by });
  }

  @OnMessage('clear_room')
  @RequireGroup(MODERATORS)
  async clear(@MessageBody() { room }: RoomDto, @UserId() by: string) {
    await this.rooms.clear(room, by);
  }
}
