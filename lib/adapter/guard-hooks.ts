import { Logger } from '@nestjs/common';
import { CloseCode } from '../protocol/close-codes.js';
import { errorText } from '../protocol/error-text.js';
import { connectionOf } from '../connection/connection-of.js';
import { isThenable } from '../events/thenable.js';
import type { ProviderWrapper } from '../gateway/discovered.js';

/** Told of every `handleConnection` that is under way: resolves to whether it succeeded. */
export type OpeningHook = (client: unknown, succeeded: Promise<boolean>) => void;

type Hook = (this: unknown, client: unknown, ...rest: unknown[]) => unknown;

const HOOKS = ['handleConnection', 'handleDisconnect'] as const;
const GUARDED = Symbol.for('hauyna:guarded');

/**
 * Nest calls `handleConnection` and `handleDisconnect` from an event stream: a throw there ends the process, and what they
 * await is awaited by nobody. This puts a guard around them on every gateway instance, before Nest takes hold of them.
 */
export function guardHooks(wrappers: readonly ProviderWrapper[], onOpening: OpeningHook): void {
  for (const wrapper of wrappers) {
    const { metatype } = wrapper;
    if (wrapper.isDependencyTreeStatic()) {
      if (wrapper.instance)
        guard(wrapper.instance as Record<string, unknown>, metatype?.name ?? 'Gateway', onOpening);
    } else if (typeof metatype === 'function') {
      // Instances are made per connection; their prototype is all there is to guard, and it keeps no state.
      const prototype = metatype.prototype as Record<string, unknown>;
      addMissing(prototype);
      guard(prototype, metatype.name, () => undefined);
    }
  }
}

/**
 * Nest makes an instance for both hooks of every connection, hooks or not. When making it fails, a missing hook means that
 * nobody catches the failure, and the process ends.
 */
function addMissing(prototype: Record<string, unknown>): void {
  for (const method of HOOKS) {
    if (typeof prototype[method] === 'function') continue;
    Object.defineProperty(prototype, method, { value: nothing, configurable: true, writable: true });
  }
}

function nothing(): void {
  // The hook of a gateway that has none.
}

function guard(target: Record<string, unknown>, name: string, onOpening: OpeningHook): void {
  for (const method of HOOKS) {
    const original = target[method];
    if (typeof original !== 'function' || GUARDED in original) continue;
    const guarded = guardHook(
      original as Hook,
      `${name}.${method}`,
      method === 'handleConnection' ? onOpening : null,
    );
    Object.defineProperty(guarded, GUARDED, { value: true });
    Object.defineProperty(target, method, { value: guarded, configurable: true, writable: true });
  }
}

function guardHook(original: Hook, name: string, onOpening: OpeningHook | null): Hook {
  const logger = new Logger('Hauyna');
  const fail = (client: unknown, error: unknown): boolean => {
    logger.error(`${name} failed`, errorText(error));
    if (onOpening !== null) connectionOf(client)?.close(CloseCode.serverError, 'internal error');
    return false;
  };
  return function (client, ...rest) {
    try {
      const result = original.call(this, client, ...rest);
      if (!isThenable(result)) return result;
      const handled = Promise.resolve(result).then(
        () => true,
        (error: unknown) => fail(client, error),
      );
      onOpening?.(client, handled);
      return handled;
    } catch (error) {
      const failed = fail(client, error);
      onOpening?.(client, Promise.resolve(failed));
      return undefined;
    }
  };
}
