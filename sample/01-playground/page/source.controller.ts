import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, NotFoundException, Param } from '@nestjs/common';
import { SAMPLE } from './folders.js';

/** What the drawer "Code" shows, and nothing else. */
const FILES = [
  'chat.gateway.ts',
  'rooms.gateway.ts',
  'moderation.gateway.ts',
  'lab.gateway.ts',
  'presence.controller.ts',
  'bot.service.ts',
  'rooms.service.ts',
  'chat.dto.ts',
  'app.module.ts',
  'main.ts',
];

/** The server's own source, read from the disk, so it cannot differ from what runs. */
@Controller('source')
export class SourceController {
  @Get()
  list(): string[] {
    return FILES;
  }

  @Get(':name')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  async read(@Param('name') name: string): Promise<string> {
    if (!FILES.includes(name)) throw new NotFoundException(`There is no file "${name}" to show.`);
    return readFile(new URL(name, SAMPLE), 'utf8');
  }
}
