import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import {
  ConnectionService,
  GroupService,
  HauynaGateway,
  OnChannelMessage,
  OnConnect,
  OnDisconnect,
  PresenceService,
  QueryParam,
  UserId,
  type Connection,
} from '@hauyna/nestjs';
import { SayDto } from './chat.dto.js';
import { MODERATORS } from './moderation.gateway.js';

@HauynaGateway({ path: '/chat' })
export class ChatGateway {
  constructor(
    private readonly connections: ConnectionService,
    private readonly groups: GroupService,
    private readonly presence: PresenceService,
  ) {}

  /** ws://localhost:3000/chat?user_id=ana&room=general */
  @OnConnect()
  async arrive(
    @ConnectedSocket() client: Connection,
    @UserId() user: string | null,
    @QueryParam('room') room?: string,
  ) {
    if (user === null) return;
    if (room !== undefined) await this.groups.add(user, room);
    const known = await this.presence.state(user);
    await this.presence.update(user, {
      name: client.query['name'] ?? capitalised(user),
      status: known?.['status'] ?? 'online',
      moderator: await this.groups.has(user, MODERATORS),
    });
    await this.countTabs(user);
  }

  /** Two tabs are one person: nobody leaves before their last tab does. */
  @OnDisconnect()
  async leave(client: Connection) {
    if (client.userId !== null) await this.countTabs(client.userId);
  }

  /** What is said in any room. The DTO is validated first; what is returned is what everybody gets. */
  @OnChannelMessage()
  say(@MessageBody() message: SayDto, @UserId() from: string | null) {
    return { from, text: message.text };
  }

  private async countTabs(user: string) {
    const tabs = await this.connections.ofUser(user);
    await this.presence.update(user, { tabs: tabs.length });
  }
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
