import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { PUBLIC } from './folders.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Serves the page; the browser client comes from the library itself (`serveClient`). The files are listed once, at boot; a request is looked up in that list, so
 * no path can lead anywhere else.
 */
@Injectable()
export class StaticFiles implements NestMiddleware<IncomingMessage, ServerResponse> {
  private readonly files = new Map<string, string>(list(PUBLIC, '/'));

  use(request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, next: () => void): void {
    const { pathname } = new URL(request.originalUrl ?? request.url ?? '/', 'http://page');
    const file = this.files.get(pathname === '/' ? '/index.html' : pathname);
    if (file === undefined || request.method !== 'GET') {
      next();
      return;
    }
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)],
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(readFileSync(file));
  }
}

/** Every file below a folder that a browser may have, by its path in the URL. */
function list(folder: string, prefix: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return list(path, `${prefix}${entry.name}/`);
    return extname(entry.name) in TYPES ? [[`${prefix}${entry.name}`, path]] : [];
  });
}
