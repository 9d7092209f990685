import { Module, type DynamicModule } from '@nestjs/common';
import { HauynaModule } from '@hauyna/nestjs';
import { BotService } from './bot.service.js';
import { ChatGateway } from './chat.gateway.js';
import { Durable } from './durable.js';
import { LabController } from './lab/lab.controller.js';
import { LabGateway } from './lab/lab.gateway.js';
import { ModerationGateway } from './moderation.gateway.js';
import { PageModule } from './page/page.module.js';
import { Playground } from './playground.js';
import { PresenceController } from './presence.controller.js';
import { PulseGateway } from './pulse.gateway.js';
import { RoomsGateway } from './rooms.gateway.js';
import { RoomsService } from './rooms.service.js';
import { identifyByToken, Tokens } from './tokens.js';

@Module({})
export class AppModule {
  static of(playground: Playground): DynamicModule {
    const { broker, secret } = playground.durable;
    const tokens = new Tokens(secret);
    return {
      module: AppModule,
      imports: [
        HauynaModule.forRoot({
          // Not made here, so not closed here: what was said outlives this application.
          broker,
          identify: identifyByToken(tokens),
          // More often than an application needs, so that there is something to watch.
          heartbeat: { interval: 2_000, timeout: 10_000 },
          channels: {
            history: {
              // Twenty messages a second for half a minute can be missed and made up for.
              pulse: { size: 1000, ttl: 600_000 },
              // Whoever comes back within ten minutes gets what they missed.
              '*': { size: 100, ttl: 600_000 },
            },
          },
          // Whoever comes back within ten seconds was never away, as far as the others can see.
          presence: { leaveDelay: 10_000 },
          limits: { messagesPerSecond: 100, burst: 300, errorsPerMinute: 60 },
          // The faulty network listens to upgrades, too, and wants none of them.
          unknownPath: '404',
          serveClient: true,
        }),
        PageModule,
      ],
      controllers: [PresenceController, LabController],
      providers: [
        { provide: Playground, useValue: playground },
        { provide: Durable, useValue: playground.durable },
        { provide: Tokens, useValue: tokens },
        ChatGateway,
        RoomsGateway,
        ModerationGateway,
        PulseGateway,
        LabGateway,
        RoomsService,
        BotService,
      ],
    };
  }
}
