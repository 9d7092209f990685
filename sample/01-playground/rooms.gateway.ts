import { MessageBody } from '@nestjs/websockets';
import { ChannelName, HauynaGateway, OnChannelSubscribe, OnMessage } from '@hauyna/nestjs';
import { RoomDto } from './chat.dto.js';
import { RoomsService } from './rooms.service.js';

@HauynaGateway({ path: '/chat' })
export class RoomsGateway {
  constructor(private readonly rooms: RoomsService) {}

  /** Whoever enters the lobby learns which rooms there are. */
  @OnChannelSubscribe('lobby')
  enterLobby() {
    return { rooms: this.rooms.names() };
  }

  /** Whoever enters a room sees what is pinned there. Returning `false` would keep them out. */
  @OnChannelSubscribe()
  enter(@ChannelName() room: string) {
    return { pinned: this.rooms.pinned(room) };
  }

  @OnMessage('create_room')
  async create(@MessageBody() { room }: RoomDto) {
    await this.rooms.create(room);
    return { room };
  }
}
