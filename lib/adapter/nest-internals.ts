import type { ModuleRef } from '@nestjs/core';
import type { UpgradeRequest } from '../options/hauyna.options.js';

/**
 * The few places where Nest offers no public way. Each is feature-detected, and `test/e2e/nest-canary.e2e-spec.ts` fails when
 * one of them changes.
 */

interface ApplicationConfigLike {
  getIoAdapter(): unknown;
  setIoAdapter(adapter: unknown): void;
  getGlobalInterceptors(): readonly unknown[];
  getGlobalRequestInterceptors(): readonly unknown[];
}

/**
 * Nest's place for the WebSocket adapter of the application, while providers are being made. Without an adapter Nest ends the
 * process and speaks of another package.
 */
export function adapterSlot(moduleRef: ModuleRef): ApplicationConfigLike | undefined {
  const { container } = moduleRef as unknown as { container?: { applicationConfig?: ApplicationConfigLike } };
  const config = container?.applicationConfig;
  return typeof config?.getIoAdapter === 'function' && typeof config.setIoAdapter === 'function'
    ? config
    : undefined;
}

/** Whether interceptors are around everything; known once the application is being initialised, `true` when in doubt. */
export function hasGlobalInterceptors(moduleRef: ModuleRef): boolean {
  const slot = adapterSlot(moduleRef);
  if (typeof slot?.getGlobalInterceptors !== 'function') return true;
  return slot.getGlobalInterceptors().length > 0 || slot.getGlobalRequestInterceptors().length > 0;
}

/** Nest's numbers for the HTTP parameter decorators. */
enum Parameter {
  request = 0,
  response = 1,
  query = 4,
  param = 5,
  headers = 6,
  host = 10,
  ip = 11,
}

/** Gives `@Req() @Res() @Query() @Param() @Headers() @HostParam() @Ip()` their values in `@OnUpgrade` methods. */
export const upgradeParams = {
  exchangeKeyForValue(type: number, name: unknown, args: readonly unknown[]): unknown {
    const request = args[0] as UpgradeRequest;
    switch (type as Parameter) {
      case Parameter.request:
        return request;
      case Parameter.response:
        return args[1];
      case Parameter.query:
        return pick(request.query, name);
      case Parameter.param:
        return pick(request.params, name);
      case Parameter.headers:
        return pick(request.headers, typeof name === 'string' ? name.toLowerCase() : name);
      case Parameter.host:
        return request.headers.host;
      case Parameter.ip:
        return request.socket.remoteAddress;
      default:
        return undefined;
    }
  },
};

function pick(values: object, name: unknown): unknown {
  if (typeof name !== 'string') return { ...values };
  return Object.hasOwn(values, name) ? (values as Record<string, unknown>)[name] : undefined;
}
