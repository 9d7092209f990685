import {
  compareSpecificity,
  matchChannel,
  parseChannelPattern,
  type ChannelParams,
  type ChannelPattern,
} from '../protocol/channel-pattern.js';
import type { Route, RouteKind } from './route-pattern.js';

/** One route of one method. `slot` is where each connection keeps the method bound to it. */
export interface Handler {
  readonly route: Route;
  readonly slot: number;
  /** Whether it belongs to a plain `@WebSocketGateway`, whose answers are sent as they are. */
  readonly native: boolean;
  /** Whether the method has asked for `@Ack()` and answers by itself. */
  readonly manualAck: boolean;
}

export interface ChannelMatch {
  handler: Handler;
  params: ChannelParams;
}

interface ChannelHandler {
  handler: Handler;
  pattern: ChannelPattern;
}

type ChannelKind = Extract<RouteKind, 'subscribe' | 'unsubscribe' | 'publish'>;
type DirectKind = Extract<RouteKind, 'broadcast' | 'private' | 'group'>;

/** All routes of one path: exact ones in a map, channel patterns from the most to the least specific. */
export class HandlerTable {
  readonly connects: Handler[] = [];
  private readonly messages = new Map<string, Handler>();
  private readonly directs = new Map<DirectKind, Handler>();
  private readonly channels: Record<ChannelKind, ChannelHandler[]> = {
    subscribe: [],
    unsubscribe: [],
    publish: [],
  };

  add(handler: Handler): void {
    const { kind, name } = handler.route;
    switch (kind) {
      case 'connect':
        this.connects.push(handler);
        break;
      case 'message':
        if (!this.messages.has(name)) this.messages.set(name, handler);
        break;
      case 'broadcast':
      case 'private':
      case 'group':
        if (!this.directs.has(kind)) this.directs.set(kind, handler);
        break;
      default: {
        const list = this.channels[kind];
        list.push({ handler, pattern: parseChannelPattern(name) });
        // Array.sort is stable: equally specific patterns keep the order in which they were declared.
        list.sort(compareHandlers);
      }
    }
  }

  /** The handler of a message type, or the one for all types. */
  message(type: string): Handler | undefined {
    return this.messages.get(type) ?? this.messages.get('*');
  }

  /** Whether a method is there for exactly this type. */
  has(type: string): boolean {
    return this.messages.has(type);
  }

  direct(kind: DirectKind): Handler | undefined {
    return this.directs.get(kind);
  }

  /** The most specific handler for a channel. */
  channel(kind: ChannelKind, channel: string, event?: string): ChannelMatch | undefined {
    for (const { handler, pattern } of this.channels[kind]) {
      if (handler.route.event !== undefined && handler.route.event !== event) continue;
      const params = matchChannel(pattern, channel);
      if (params !== null) return { handler, params };
    }
    return undefined;
  }
}

function compareHandlers(a: ChannelHandler, b: ChannelHandler): number {
  const byPattern = compareSpecificity(a.pattern, b.pattern);
  if (byPattern !== 0) return byPattern;
  return Number(a.handler.route.event === undefined) - Number(b.handler.route.event === undefined);
}
