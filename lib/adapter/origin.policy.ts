import { Injectable } from '@nestjs/common';
import type { UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';

/**
 * Which web pages may open a connection. Browsers send cookies along whatever page asks, so without this any site a user
 * visits could speak in the user's name.
 */
@Injectable()
export class OriginPolicy {
  constructor(private readonly options: ResolvedOptions) {}

  /** Requests without an Origin do not come from a web page and are let through. */
  allows(request: UpgradeRequest): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined) return true;
    const { origins } = this.options;
    if (origins === '*') return true;
    if (typeof origins === 'function') return origins(origin, request) === true;
    if (!URL.canParse(origin)) return false;
    const page = new URL(origin);
    if (origins) return origins.includes(page.origin);
    // The scheme is not compared: behind a proxy that ends TLS the server does not know its own.
    // Pages of files have no host; whatever host is asked for, none of them is at home there.
    return page.host !== '' && page.host === normalHost(host, page.protocol);
  }
}

/** Host header in the form in which URL gives a host: lower case, without the scheme's default port. */
function normalHost(host: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
