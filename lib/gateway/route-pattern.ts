/** What a decision method answers to. */
export type RouteKind =
  'connect' | 'message' | 'broadcast' | 'private' | 'group' | 'subscribe' | 'unsubscribe' | 'publish';

export interface Route {
  readonly kind: RouteKind;
  /** Type of the message (`message`), pattern of the channel (`subscribe`, `unsubscribe`, `publish`); `*` for all. */
  readonly name: string;
  /** Only publications of this event (`publish`). */
  readonly event?: string;
  /** Whether every item of the result is an answer of its own (`message`). */
  readonly stream?: boolean;
  /** Whether the body parameter must be one that can be validated. */
  readonly validate?: boolean;
}

const BRAND = Symbol.for('hauyna:route-pattern');

/**
 * The "message pattern" a decorated method is registered with in Nest: the routes it serves. Several decorators
 * on one method add to one pattern. It is shared by all applications of a process and never changes after
 * the class has been defined.
 */
export class RoutePattern {
  readonly routes: Route[] = [];

  constructor() {
    // A brand instead of `instanceof`: two installed copies of the package must understand each other.
    Object.defineProperty(this, BRAND, { value: true });
  }

  static is(value: unknown): value is RoutePattern {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** For Nest's boot log. */
  toString(): string {
    return this.routes.map(describeRoute).join(', ');
  }

  /** Nest's own exception filter would send the pattern to the client; it gets the text, not the object. */
  toJSON(): string {
    return this.toString();
  }
}

/** A route as a reader knows it: the decorator and its argument. */
export function describeRoute(route: Route): string {
  const decorator = DECORATORS[route.kind];
  if (route.kind === 'connect' || isDirect(route.kind)) return `${decorator}()`;
  const event = route.event === undefined ? '' : `, event ${route.event}`;
  return `${decorator}(${route.name}${event})`;
}

const DECORATORS: Record<RouteKind, string> = {
  connect: '@OnConnect',
  message: '@OnMessage',
  broadcast: '@OnBroadcastMessage',
  private: '@OnPrivateMessage',
  group: '@OnGroupMessage',
  subscribe: '@OnChannelSubscribe',
  unsubscribe: '@OnChannelUnsubscribe',
  publish: '@OnChannelMessage',
};

function isDirect(kind: RouteKind): boolean {
  return kind === 'broadcast' || kind === 'private' || kind === 'group';
}
