import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HauynaConfigurationError } from '../errors/hauyna.error.js';
import { ResolvedOptions } from '../options/resolved-options.js';

/** Where the one-file client is: beside this code once it is built, in the build when this code runs from its source. */
const PLACES = ['../browser/client.js', '../../dist/browser/client.js'];

/** Serves the browser client as one ES module, so that a page needs no bundler: the option `serveClient`. */
@Injectable()
export class ClientFileServer implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly options: ResolvedOptions,
  ) {}

  /** Routes can be added until the HTTP server gets its answer for all other paths, which is after this hook. */
  async onModuleInit(): Promise<void> {
    const { serveClient } = this.options;
    const adapter = this.host.httpAdapter;
    if (serveClient === null || adapter === undefined || adapter === null) return;
    const text = await clientFile();
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    adapter.get(
      serveClient,
      (request: { headers: Record<string, string | undefined> }, response: unknown) => {
        // A list, as a rule of one; proxies that compress put a W/ before it.
        const fresh = request.headers['if-none-match']?.includes(etag) === true;
        adapter.setHeader(response, 'Content-Type', 'text/javascript; charset=utf-8');
        adapter.setHeader(response, 'Cache-Control', 'no-cache');
        adapter.setHeader(response, 'ETag', etag);
        adapter.reply(response, fresh ? '' : text, fresh ? 304 : 200);
      },
    );
  }
}

async function clientFile(): Promise<string> {
  for (const place of PLACES) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  throw new HauynaConfigurationError(
    'serveClient is set, but the file of the browser client is missing. Install the package again, or build it.',
  );
}
