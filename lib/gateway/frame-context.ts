import type { Connection } from '../connection/connection.js';
import type { ChannelParams } from '../protocol/channel-pattern.js';
import type { RequestId } from '../protocol/server-frames.js';

/** What a handler may know of the frame it handles; injected with `@FrameMeta()`. */
export interface FrameInfo {
  /** `type` of the frame, or `event` of an `{event, data}` frame; `connect` for `@OnConnect`. */
  readonly type: string;
  readonly id: RequestId | undefined;
  readonly channel: string | undefined;
  /** Parameters of the channel pattern. */
  readonly params: ChannelParams;
  /** Event of a publication. */
  readonly event: string | undefined;
}

const BRAND = Symbol.for('hauyna:frame-context');
const NO_PARAMS: ChannelParams = Object.freeze(Object.create(null) as Record<string, string>);

/** One frame on its way through guards, pipes and handler: their third argument. */
export class FrameContext implements FrameInfo {
  readonly id: RequestId | undefined;
  readonly channel: string | undefined;
  readonly params: ChannelParams;
  readonly event: string | undefined;
  /** What was thrown, as seen by the last-resort filter. */
  failure: { error: unknown } | undefined;

  constructor(
    readonly connection: Connection,
    readonly type: string,
    rest: Partial<Pick<FrameInfo, 'id' | 'channel' | 'params' | 'event'>> = {},
  ) {
    this.id = rest.id;
    this.channel = rest.channel;
    this.params = rest.params ?? NO_PARAMS;
    this.event = rest.event;
  }

  static {
    // On the prototype: defining it on every frame would cost more than all the rest of it.
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  static is(value: unknown): value is FrameContext {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  get info(): FrameInfo {
    const { type, id, channel, params, event } = this;
    return { type, id, channel, params, event };
  }
}
