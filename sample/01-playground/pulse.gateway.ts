import { MessageBody } from '@nestjs/websockets';
import { HauynaGateway, OnChannelMessage } from '@hauyna/nestjs';
import { CountDto } from './chat.dto.js';

/** A channel of numbers: each sender counts up from 1, so whoever listens can tell what is missing and what came twice. */
export const PULSE = 'pulse';

@HauynaGateway({ path: '/chat' })
export class PulseGateway {
  @OnChannelMessage(PULSE)
  count(@MessageBody() { run, n }: CountDto) {
    return { run, n };
  }
}
