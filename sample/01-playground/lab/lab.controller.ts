import {
  Controller,
  DefaultValuePipe,
  Get,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
  Query,
} from '@nestjs/common';
import { ConnectionService } from '@hauyna/nestjs';
import { Playground } from '../playground.js';
import { Tokens } from '../tokens.js';
import type { Faults } from './faulty-line.js';

/** Time the port stays empty, ms. */
const DOWN_TIME = 3000;
const FREEZE_TIME = 10_000;
/** Short, so that the page renews it all the time without anybody noticing, ms. */
const TOKEN_LIFE = 6000;

/**
 * The panel "Break it". For a playground on your own machine and nowhere else: nobody is asked who they are. It speaks HTTP,
 * so that it works while the sockets do not.
 */
@Controller('lab')
export class LabController {
  constructor(
    private readonly playground: Playground,
    private readonly connections: ConnectionService,
    private readonly tokens: Tokens,
  ) {}

  /** What is broken at the moment. */
  @Get()
  faults(): Record<string, Faults> {
    return this.playground.network.faults();
  }

  /** POST /lab/drop/ana, or /lab/drop for everybody: the sockets are cut without a word. */
  @Post(['drop', 'drop/:user'])
  @HttpCode(200)
  async drop(@Param('user') user?: string) {
    const dropped = user === undefined ? await this.connections.list() : await this.connections.ofUser(user);
    for (const connection of dropped) connection.terminate();
    return { dropped: dropped.length };
  }

  /** Answers first; then everybody hears 1012 and the port is empty for a while. */
  @Post('restart')
  @HttpCode(202)
  restart() {
    setImmediate(() => void this.playground.restart(DOWN_TIME));
    return { back: DOWN_TIME };
  }

  @Post('freeze/:user')
  @HttpCode(200)
  freeze(@Param('user') user: string) {
    return { frozen: this.playground.network.freeze(user, FREEZE_TIME) };
  }

  /** POST /lab/faults/ana?delay=300&loss=20 */
  @Post('faults/:user')
  @HttpCode(200)
  break(
    @Param('user') user: string,
    @Query('delay', new DefaultValuePipe(0), ParseIntPipe) delay: number,
    @Query('loss', new DefaultValuePipe(0), ParseIntPipe) loss: number,
  ): Faults {
    return this.playground.network.break(user, { delay, loss });
  }

  /** GET /lab/token/ana. A login would stand before this. */
  @Get('token/:user')
  token(
    @Param('user') user: string,
    @Query('life', new DefaultValuePipe(TOKEN_LIFE), ParseIntPipe) life: number,
  ): string {
    return this.tokens.issue(user, Math.min(life, TOKEN_LIFE));
  }
}
