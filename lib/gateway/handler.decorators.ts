import { SubscribeMessage } from '@nestjs/websockets';
import { parseChannelPattern } from '../protocol/channel-pattern.js';
import { enhance } from './enhance.js';
import { NEST_MESSAGE, ROUTES, UPGRADE_METHOD } from './metadata-keys.js';
import { RoutePattern, type Route } from './route-pattern.js';

export interface MessageOptions {
  /**
   * Whether the boot check insists that the body parameter can be validated (a class with class-validator rules,
   * a primitive, or `@MessageBody({ schema })`). @default true
   */
  validate?: boolean;
  /** Every item of the returned Observable or async iterable is sent as it comes. @default false: the last one is the answer */
  stream?: boolean;
}

export interface ChannelHandlerOptions {
  /** See {@link MessageOptions.validate}. @default true */
  validate?: boolean;
}

export interface ChannelMessageOptions extends ChannelHandlerOptions {
  /** Only publications with this event. @default all */
  event?: string;
}

/**
 * Runs before the WebSocket is established, with Nest's HTTP guards, pipes, interceptors and parameter decorators
 * (`@Req() @Param() @Query() @Headers()`). What it returns is the identity: a user id,
 * `{ userId, info?, meta?, expiresAt? }` or `null` for anonymous. `false` refuses with 403, an `HttpException` with its
 * status; `undefined` leaves the identity to the option `identify`.
 *
 * ```ts
 * @OnUpgrade()
 * @UseGuards(JwtAuthGuard)
 * authenticate(@Req() request: UpgradeRequest & { user: User }) {
 *   return request.user.id;
 * }
 * ```
 */
export function OnUpgrade(): MethodDecorator {
  return (target, key) => {
    const keys = (Reflect.getMetadata(UPGRADE_METHOD, target.constructor) ?? []) as (string | symbol)[];
    Reflect.defineMetadata(
      UPGRADE_METHOD,
      [...keys.filter((known) => known !== key), key],
      target.constructor,
    );
    enhance(target.constructor);
  };
}

/**
 * Runs when a connection has opened, again for one that continues a session; its messages wait until it has finished.
 * Guards and pipes run as for a message. The body is the query. `false` or a throw closes the connection after an `error`
 * frame: `forbidden` and an application's own types with 4003, `unauthorized` 4001, `token_expired` 4301,
 * `validation_error` 4000, `rate_limited` 4102, `unavailable` 4100, `timeout` and `internal_error` 4104.
 */
export function OnConnect(options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'connect', name: '*', ...options });
}

/**
 * Handles messages with this `type` (or `event`). What it returns is the answer: in an `ack` when the message has an
 * `id`, else bare. The body is the frame without `type` and `id`, which is why no field of a DTO can have these names, or
 * `data` of an `{event, data}` frame.
 *
 * ```ts
 * @OnMessage('move')
 * move(@MessageBody() dto: MoveDto, @UserId() user: string) {
 *   return this.game.move(user, dto);
 * }
 * ```
 *
 * @param type without it, all types nobody else handles
 */
export function OnMessage(type = '*', options: MessageOptions = {}): MethodDecorator {
  if (type === '') throw new Error('@OnMessage("") needs a type, or none at all for every type.');
  return route({ kind: 'message', name: type, ...options });
}

/** Decides on `broadcast` messages of clients: nothing delivers the message, `false` or a throw denies, a value is delivered instead. The body is `{ message }`. */
export function OnBroadcastMessage(options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'broadcast', name: '*', ...options });
}

/** Decides on `private` messages of clients, like {@link OnBroadcastMessage}. The body is `{ to, message }`. */
export function OnPrivateMessage(options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'private', name: '*', ...options });
}

/** Decides on `group` messages of clients, like {@link OnBroadcastMessage}. The body is `{ room, message }`. */
export function OnGroupMessage(options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'group', name: '*', ...options });
}

/**
 * Decides whether a client may subscribe to a channel that matches: nothing or `true` allows, `false`, `null` (what a
 * look-up that found nothing returns) or a throw denies, an object allows and is the `initial` of the answer. It is asked
 * again by `ChannelService.revalidate()`, and when the user has left a group. Of several patterns that match, the most specific one decides.
 *
 * @param pattern like `room:{id}` or `news:*`; without it, every channel
 */
export function OnChannelSubscribe(pattern = '*', options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'subscribe', name: checked(pattern), ...options });
}

/** Decides whether a client may leave a channel; `false` or a throw denies. Does not run when a connection ends. */
export function OnChannelUnsubscribe(pattern = '*', options: ChannelHandlerOptions = {}): MethodDecorator {
  return route({ kind: 'unsubscribe', name: checked(pattern), ...options });
}

/**
 * Decides on what clients publish to a channel that matches: nothing or `true` delivers the validated message, `false` or
 * a throw denies, any other value is delivered instead. The body is the message.
 *
 * ```ts
 * @OnChannelMessage('room:{id}')
 * say(@MessageBody() dto: SayDto, @UserId() user: string) {
 *   return { ...dto, from: user };
 * }
 * ```
 */
export function OnChannelMessage(pattern = '*', options: ChannelMessageOptions = {}): MethodDecorator {
  return route({ kind: 'publish', name: checked(pattern), ...options });
}

/** A wrong pattern fails where it is written. */
function checked(pattern: string): string {
  parseChannelPattern(pattern);
  return pattern;
}

function route(entry: Route): MethodDecorator {
  return (target, key, descriptor) => {
    const method = descriptor.value as object;
    let pattern: unknown = Reflect.getOwnMetadata(NEST_MESSAGE, method);
    if (!RoutePattern.is(pattern)) {
      const native = pattern;
      pattern = new RoutePattern();
      // @SubscribeMessage on the same method would be overwritten; it becomes one of the routes.
      if (typeof native === 'string')
        (pattern as RoutePattern).routes.push({ kind: 'message', name: native });
      SubscribeMessage(pattern as RoutePattern)(target, key, descriptor);
    }
    (pattern as RoutePattern).routes.push(Object.freeze(entry));
    Reflect.defineMetadata(ROUTES, pattern, method);
    enhance(target.constructor);
  };
}
