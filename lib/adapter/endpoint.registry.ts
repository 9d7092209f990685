import { Injectable } from '@nestjs/common';
import { Endpoint } from './endpoint.js';

export interface EndpointMatch {
  endpoint: Endpoint;
  params: Record<string, string>;
}

/** The paths the gateways of this application serve, per port. */
@Injectable()
export class EndpointRegistry {
  private readonly byPort = new Map<number, Endpoint[]>();

  /** The endpoint for a path; made when it does not exist yet. */
  at(port: number, path: string | null): Endpoint {
    const list = this.byPort.get(port) ?? [];
    this.byPort.set(port, list);
    let endpoint = list.find((known) => known.path === path);
    if (endpoint === undefined) {
      endpoint = new Endpoint(port, path);
      list.push(endpoint);
      // Paths without parameters first, the one for every path last; equal ones as they were declared.
      list.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
    }
    return endpoint;
  }

  find(port: number, pathname: string): EndpointMatch | undefined {
    for (const endpoint of this.byPort.get(port) ?? []) {
      const params = endpoint.match(pathname);
      if (params !== null) return { endpoint, params };
    }
    return undefined;
  }

  all(): Endpoint[] {
    return [...this.byPort.values()].flat();
  }

  clear(): void {
    this.byPort.clear();
  }
}
