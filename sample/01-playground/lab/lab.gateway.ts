import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { ConnectionService, HauynaGateway, OnMessage, OnPong, type Connection } from '@hauyna/nestjs';
import { BotService } from '../bot.service.js';
import { BotDto } from '../chat.dto.js';

/** What the playground asks over its sockets to try the library out. */
@HauynaGateway({ path: '/chat' })
export class LabGateway {
  constructor(
    private readonly connections: ConnectionService,
    private readonly bot: BotService,
  ) {}

  /** Cuts the socket, as a tunnel or a lift would: no closing handshake, nothing said. */
  @OnMessage('drop_me')
  drop(@ConnectedSocket() client: Connection) {
    client.terminate();
  }

  /** What the flood is made of. Beyond `limits.messagesPerSecond` it is refused before it gets here. */
  @OnMessage('flood')
  flood() {
    return {};
  }

  /** What the server's own pings measure. */
  @OnPong()
  async measured(client: Connection) {
    await this.connections.sendTo(client.id, { kind: 'server_latency', ms: client.latency });
  }

  @OnMessage('bot')
  async switchBot(@MessageBody() { on }: BotDto) {
    await this.bot.switch(on);
    return { on };
  }
}
