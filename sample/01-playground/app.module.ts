import { Module } from '@nestjs/common';
import { HauynaModule, identifyByQuery } from '@hauyna/nestjs';
import { BotService } from './bot.service.js';
import { ChatGateway } from './chat.gateway.js';
import { LabGateway } from './lab.gateway.js';
import { ModerationGateway } from './moderation.gateway.js';
import { PageModule } from './page/page.module.js';
import { PresenceController } from './presence.controller.js';
import { RoomsGateway } from './rooms.gateway.js';
import { RoomsService } from './rooms.service.js';

@Module({
  imports: [
    HauynaModule.forRoot({
      identify: identifyByQuery('user_id'),
      // More often than an application needs, so that there is something to watch.
      heartbeat: { interval: 2_000, timeout: 10_000 },
      // Whoever comes back within ten minutes gets what they missed.
      channels: { history: { '*': { size: 100, ttl: 600_000 } } },
    }),
    PageModule,
  ],
  controllers: [PresenceController],
  providers: [ChatGateway, RoomsGateway, ModerationGateway, LabGateway, RoomsService, BotService],
})
export class AppModule {}
