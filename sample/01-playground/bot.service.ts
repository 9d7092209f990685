import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ChannelService, PresenceService } from '@hauyna/nestjs';
import { Durable } from './durable.js';
import { PULSE } from './pulse.gateway.js';

const BOT = 'bot';
const ROOM = 'general';
const PAUSE = 12_000;
/** Time from one number to the next, ms. */
const COUNT = 1000;

/** Somebody who is always there: present without a connection, and speaking from a plain Nest provider. */
@Injectable()
export class BotService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private counter: NodeJS.Timeout | undefined;
  private next = 0;

  constructor(
    private readonly channels: ChannelService,
    private readonly presence: PresenceService,
    private readonly durable: Durable,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.switch(true);
    this.counter = setInterval(() => void this.count(), COUNT);
    // The room has a history, so the first visitor finds this waiting.
    if (this.durable.count === 0) await this.speak();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    clearInterval(this.counter);
  }

  async switch(on: boolean): Promise<void> {
    clearInterval(this.timer);
    await this.presence.track(BOT, { name: 'Bot', status: on ? 'online' : 'away', channel: ROOM });
    if (!on) return;
    this.timer = setInterval(() => void this.speakIfHeard(), PAUSE);
  }

  /** Whether anybody hears it or not: who comes back finds out what they have missed by these numbers. */
  private async count(): Promise<void> {
    await this.channels.broadcast(PULSE, { run: BOT, n: ++this.durable.count }, { event: 'count' });
  }

  private async speakIfHeard(): Promise<void> {
    if ((await this.channels.subscriptionCount(ROOM)) > 0) await this.speak();
  }

  private async speak(): Promise<void> {
    const tip = TIPS[this.next++ % TIPS.length];
    await this.channels.broadcast(ROOM, { from: BOT, ...tip }, { event: 'tip' });
  }
}

/** In the languages of the page. */
const TIPS = [
  {
    en: 'Break something. Every connection comes back by itself, with everything it missed.',
    es: 'Rompe algo. Cada conexión vuelve sola, con todo lo que se perdió.',
  },
  {
    en: 'Open another tab as Ana. She is still one person, with 2 tabs.',
    es: 'Abre otra pestaña como Ana. Sigue siendo una persona, con 2 pestañas.',
  },
  {
    en: 'Pinning is for moderators. Try it, read the refusal, promote, try again.',
    es: 'Fijar es cosa de moderadores. Prueba, lee el rechazo, asciende y prueba otra vez.',
  },
  {
    en: 'I have no connection. The server tracks me and speaks through a plain provider.',
    es: 'No tengo conexión. El servidor me sigue y hablo desde un proveedor cualquiera.',
  },
  {
    en: 'Every frame of this page is in the drawer "Frames".',
    es: 'Cada trama de esta página está en el cajón «Tramas».',
  },
];
