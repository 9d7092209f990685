import { IsString } from 'class-validator';
import { z } from 'zod';
import { defineContract } from '../../lib/contract/index.js';

export class MoveDto {
  @IsString() from: string;
  @IsString() to: string;
}

export class Board {
  squares: string[];
  movedAt: Date;
  isOver(): boolean {
    return false;
  }
}

export const say = z.object({ text: z.string(), urgent: z.boolean().default(false) });
export const seat = z.object({ name: z.string(), seat: z.number() });

/** The same agreement twice: of schemas and classes … */
export const chat = defineContract({
  channels: {
    'room:{id}': {
      publish: { message: say, typing: z.object({ on: z.boolean() }) },
      presence: seat,
    },
    'room:{id}:board': { events: { moved: Board } },
    lobby: { publish: { message: z.string() } },
    'news:*': { events: { message: z.object({ title: z.string(), at: z.date() }) } },
  },
  requests: { move: { data: MoveDto, result: Board } },
});

/** … and as an interface. */
export interface Chat {
  channels: {
    'room:{id}': {
      publish: { message: { text: string; urgent?: boolean }; typing: { on: boolean } };
      events: { message: { text: string; urgent: boolean }; typing: { on: boolean } };
      presence: { name: string; seat: number };
    };
    'room:{id}:board': { events: { moved: Board } };
    lobby: { publish: { message: string } };
    'news:*': { events: { message: { title: string; at: Date } } };
  };
  requests: { move: { data: MoveDto; result: Board } };
}
