import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, NotFoundException, Param } from '@nestjs/common';
import { SAMPLE } from './folders.js';

/** What the drawer "Code" shows, and nothing else. */
const FILES = [
  'chat.gateway.ts',
  'rooms.gateway.ts',
  'moderation.gateway.ts',
  'pulse.gateway.ts',
  'presence.controller.ts',
  'bot.service.ts',
  'rooms.service.ts',
  'chat.dto.ts',
  'tokens.ts',
  'app.module.ts',
  'durable.ts',
  'playground.ts',
  'main.ts',
  'lab/lab.controller.ts',
  'lab/lab.gateway.ts',
  'lab/faulty-network.ts',
  'lab/faulty-line.ts',
  'lab/frame-splitter.ts',
  // The other side: the browser's, around `createClient`.
  'public/js/pane/session.js',
  'public/js/pane/room.js',
  'public/js/pane/score.js',
];

/** The source behind the page, read from the disk, so it cannot differ from what runs. */
@Controller('source')
export class SourceController {
  @Get()
  list(): string[] {
    return FILES;
  }

  @Get('*path')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  async read(@Param('path') path: string | string[]): Promise<string> {
    const name = [path].flat().join('/');
    if (!FILES.includes(name)) throw new NotFoundException(`There is no file "${name}" to show.`);
    return readFile(new URL(name, SAMPLE), 'utf8');
  }
}
