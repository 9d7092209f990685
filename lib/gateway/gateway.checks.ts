import type { MetadataScanner } from '@nestjs/core';
import { bodyProblem } from '../dto/body-check.js';
import type { DiscoveredGateway } from './discovered.js';
import type { GatewayConfig } from './gateway.config.js';
import { NEST_MESSAGE, NEST_ROUTE_ARGUMENTS, ROUTES } from './metadata-keys.js';
import { describeRoute, RoutePattern, type Route } from './route-pattern.js';

/** Nest's number for the body parameter of a message. */
const BODY = 3;

/** What is wrong with one gateway class, one text a problem, each naming class and method. */
export function checkGateway(
  metatype: Function,
  config: GatewayConfig,
  methods: readonly string[],
): string[] {
  const problems: string[] = [];
  if (!config.path.startsWith('/')) {
    problems.push(`${metatype.name}: path '${config.path}' must begin with "/"`);
  }
  if (!Number.isInteger(config.port) || config.port < 0 || config.port > 65_535) {
    problems.push(
      `${metatype.name}: port must be a whole number from 0 to 65535, got ${String(config.port)}`,
    );
  }
  for (const name of methods) {
    const method = methodOf(metatype, name);
    const pattern: unknown = Reflect.getMetadata(ROUTES, method);
    if (!RoutePattern.is(pattern)) continue;
    if (Reflect.getMetadata(NEST_MESSAGE, method) !== pattern) {
      problems.push(
        `${metatype.name}.${name}: @SubscribeMessage hides ${pattern.toString()}; write it below the other decorators`,
      );
    }
    if (pattern.routes.some((route) => route.validate !== false)) {
      const why = bodyOf(metatype, name);
      if (why !== null) {
        problems.push(
          `${metatype.name}.${name}: the body of ${pattern.toString()} cannot be validated: ${why}. Declare a class with class-validator rules, pass @MessageBody({ schema }), or set { validate: false }`,
        );
      }
    }
  }
  return problems;
}

/** Hauyna routes on a class that is no `@HauynaGateway` would never be called. */
export function checkStrayRoutes(metatype: Function, methods: readonly string[]): string[] {
  return methods.flatMap((name) => {
    const pattern: unknown = Reflect.getMetadata(ROUTES, methodOf(metatype, name));
    if (!RoutePattern.is(pattern)) return [];
    return [`${metatype.name}.${name}: ${pattern.toString()} needs a class with @HauynaGateway({ path })`];
  });
}

/** Two methods for the same message of the same path: only one of them could ever be called. */
export function duplicateRoutes(gateways: readonly DiscoveredGateway[], scanner: MetadataScanner): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { metatype, config } of gateways) {
    for (const name of scanner.getAllMethodNames(metatype.prototype as object)) {
      const pattern: unknown = Reflect.getMetadata(NEST_MESSAGE, methodOf(metatype, name));
      for (const route of routesOf(pattern)) {
        if (route.kind === 'connect') continue;
        const key = [config.port, config.path, route.kind, route.name, route.event ?? ''].join('\n');
        const owner = owners.get(key);
        const here = `${metatype.name}.${name}`;
        if (owner !== undefined && owner !== here) {
          problems.push(`${here}: ${describeRoute(route)} on ${config.path} is handled by ${owner} already`);
        }
        owners.set(key, here);
      }
    }
  }
  return problems;
}

/** The routes of what a method was registered with, plain `@SubscribeMessage` included. */
export function routesOf(pattern: unknown): readonly Route[] {
  if (RoutePattern.is(pattern)) return pattern.routes;
  return typeof pattern === 'string' ? [{ kind: 'message', name: pattern }] : [];
}

function bodyOf(metatype: Function, name: string): string | null {
  const prototype = metatype.prototype as object;
  const types = (Reflect.getMetadata('design:paramtypes', prototype, name) ?? []) as unknown[];
  const parameters = Reflect.getMetadata(NEST_ROUTE_ARGUMENTS, metatype, name) as
    Record<string, { index: number; schema?: unknown }> | undefined;
  if (parameters === undefined) {
    // Without parameter decorators Nest calls (client, body).
    return types.length > 1 ? bodyProblem(types[1], undefined) : null;
  }
  for (const [key, { index, schema }] of Object.entries(parameters)) {
    if (Number(key.split(':')[0]) !== BODY || key.includes('__customRouteArgs__')) continue;
    const why = bodyProblem(types[index], schema);
    if (why !== null) return why;
  }
  return null;
}

function methodOf(metatype: Function, name: string): object {
  return (metatype.prototype as Record<string, object>)[name] as object;
}
