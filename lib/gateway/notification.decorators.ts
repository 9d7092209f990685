import type { ConnectionState, PresenceEvent } from '../protocol/server-frames.js';
import { NOTIFICATIONS } from './metadata-keys.js';

export type NotificationKind =
  'disconnect' | 'ping' | 'pong' | 'state' | 'presence' | 'subscription' | 'custom';

export interface Notification {
  readonly kind: NotificationKind;
  /** Only where every given field equals that of the event. */
  readonly filter: Readonly<Record<string, string | undefined>>;
}

/**
 * Notifications are told to any provider or controller, after the fact and outside of guards, pipes and filters: they
 * come from the server and may have no client. A throw is logged and changes nothing. On a gateway class the ones about
 * a connection are told for the connections of its path only.
 */
function notification(entry: Notification): MethodDecorator {
  return (_target, _key, descriptor) => {
    const method = descriptor.value as object;
    const known = (Reflect.getOwnMetadata(NOTIFICATIONS, method) ?? []) as Notification[];
    Reflect.defineMetadata(NOTIFICATIONS, [...known, Object.freeze(entry)], method);
  };
}

/**
 * Called with `(connection, { code, reason, clean })` when a connection has ended. Awaited while the application shuts down.
 * Like all notifications it gets plain arguments: parameter decorators such as `@UserId()` do nothing here.
 *
 * ```ts
 * @OnDisconnect()
 * left(connection: Connection, { code }: DisconnectInfo) {
 *   this.log.debug(`${connection.userId} has left: ${code}`);
 * }
 * ```
 */
export function OnDisconnect(): MethodDecorator {
  return notification({ kind: 'disconnect', filter: {} });
}

/** Called with `(connection, payload)` when a client has sent a protocol ping. */
export function OnPing(): MethodDecorator {
  return notification({ kind: 'ping', filter: {} });
}

/** Called with `(connection, payload)` when a client has answered a ping; `connection.latency` is up to date. */
export function OnPong(): MethodDecorator {
  return notification({ kind: 'pong', filter: {} });
}

export interface StateFilter {
  from?: ConnectionState;
  to?: ConnectionState;
}

/** Called with `({ connection, from, to, at })` when a connection has changed its state. */
export function OnConnectionStateChange(filter: StateFilter = {}): MethodDecorator {
  return notification({ kind: 'state', filter: { ...filter } });
}

export interface PresenceFilter {
  event?: PresenceEvent;
  channel?: string;
  group?: string;
}

/** Called with `({ event, userId, channel?, group?, groups, metadata })` when presence has changed, for any user of the application. */
export function OnPresenceChange(filter: PresenceFilter = {}): MethodDecorator {
  return notification({ kind: 'presence', filter: { ...filter } });
}

export interface SubscriptionFilter {
  event?: 'added' | 'removed' | 'updated';
  channel?: string;
}

/** Called with `({ event, connection, channel, metadata, present, lost })` when a subscription has begun, ended or changed. */
export function OnSubscription(filter: SubscriptionFilter = {}): MethodDecorator {
  return notification({ kind: 'subscription', filter: { ...filter } });
}

/** Called with `(connection, data)` when `EventService.trigger(name, …)` is called; `connection` may be `null`. */
export function OnHauynaEvent(name: string): MethodDecorator {
  return notification({ kind: 'custom', filter: { event: name } });
}
