import { ServerResponse } from 'node:http';
import { HttpException, Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory, ExternalContextCreator, ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { requireClientName } from '../errors/require-name.js';
import type { DiscoveredGateway } from '../gateway/discovered.js';
import { NEST_ROUTE_ARGUMENTS } from '../gateway/metadata-keys.js';
import type { Identity, UpgradeRequest } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { CredentialVerifier } from '../router/credential.verifier.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import { errorText } from '../protocol/error-text.js';
import { isJsonObject } from '../protocol/json.js';
import type { Endpoint } from './endpoint.js';
import { UpgradeRefusal } from './http-refusal.js';
import { upgradeParams } from './nest-internals.js';

type UpgradeMethod = (request: UpgradeRequest, response: ServerResponse) => Promise<unknown>;

/** Decides who is connecting: the `@OnUpgrade` methods of the path through Nest's HTTP pipeline, else the option `identify`. */
@Injectable()
export class UpgradeAuthenticator extends CredentialVerifier {
  private readonly logger = new Logger('Hauyna');
  private readonly methods = new Map<string, UpgradeMethod>();
  /** What a connection with limited credentials was opened with, to decide on the next ones in the same way. */
  private readonly openings = new WeakMap<Connection, { endpoint: Endpoint; request: UpgradeRequest }>();

  constructor(
    private readonly options: ResolvedOptions,
    private readonly contexts: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Keeps what is needed to renew the credentials of a connection. */
  remember(connection: Connection, endpoint: Endpoint, request: UpgradeRequest): void {
    this.openings.set(connection, { endpoint, request });
  }

  override async verify(connection: Connection, token: string): Promise<Identity | null> {
    const opening = this.openings.get(connection);
    if (opening === undefined) throw new HauynaError('conflict', messages.nothingToRefresh());
    const { endpoint, request } = opening;
    request.token = token;
    request.headers.authorization = `Bearer ${token}`;
    try {
      return await this.identify(endpoint, request);
    } catch (error) {
      if (!(error instanceof UpgradeRefusal)) throw error;
      const expired = error.closeCode === CloseCode.tokenExpired;
      const type = expired ? 'token_expired' : (TYPES[error.status] ?? 'internal_error');
      throw new HauynaError(type, error.message);
    }
  }

  /**
   * @returns the identity, `null` for an anonymous connection; a promise only if somebody has to be waited for
   * @throws UpgradeRefusal with the status and body of what was thrown; 500 without its text for what was not meant for clients
   */
  identify(endpoint: Endpoint, request: UpgradeRequest): Identity | null | Promise<Identity | null> {
    const asked = endpoint.gateways.some(({ gateway }) => gateway.upgradeMethods.length > 0);
    return asked ? this.byMethods(endpoint, request) : this.byOption(request);
  }

  private byOption(request: UpgradeRequest): Identity | null | Promise<Identity | null> {
    try {
      const result = this.options.identify?.(request);
      if (!isThenable(result)) return this.toIdentity(result);
      return Promise.resolve(result)
        .then((late) => this.toIdentity(late))
        .catch((error: unknown) => {
          throw this.refusal(error);
        });
    } catch (error) {
      throw this.refusal(error);
    }
  }

  private async byMethods(endpoint: Endpoint, request: UpgradeRequest): Promise<Identity | null> {
    const response = new ServerResponse(request);
    try {
      let result: unknown;
      for (const { gateway } of endpoint.gateways) {
        for (const name of gateway.upgradeMethods) {
          const answer = await (await this.method(gateway, name))(request, response);
          if (answer === false) throw new UpgradeRefusal(403, 'Forbidden resource');
          if (answer !== undefined && answer !== true) result = answer;
        }
      }
      if (result === undefined && this.options.identify !== null)
        result = await this.options.identify(request);
      return this.toIdentity(result);
    } catch (error) {
      throw this.refusal(error, response);
    }
  }

  /** Credentials that have run out let nobody in; only who is in already has time to renew them. */
  private toIdentity(result: unknown): Identity | null {
    const identity = toIdentity(result);
    const { expiresAt } = identity ?? {};
    if (expiresAt === undefined || expiresAt === null) return identity;
    if (!Number.isFinite(expiresAt)) {
      throw new Error('The expiresAt of an identity must be a number of ms since the Unix epoch');
    }
    if (expiresAt <= this.clock.now()) throw new HauynaError('token_expired', messages.expired());
    return identity;
  }

  private async method(gateway: DiscoveredGateway, name: string): Promise<UpgradeMethod> {
    const { wrapper, metatype } = gateway;
    if (!wrapper.isDependencyTreeStatic()) {
      const contextId = ContextIdFactory.create();
      const scoped = await this.moduleRef.resolve<object>(metatype as new () => object, contextId, {
        strict: false,
      });
      return this.create(scoped, name, contextId);
    }
    const key = `${wrapper.id} ${name}`;
    const known = this.methods.get(key);
    if (known !== undefined) return known;
    const created = this.create(wrapper.instance as object, name);
    this.methods.set(key, created);
    return created;
  }

  private create(instance: object, name: string, contextId?: { id: number }): UpgradeMethod {
    const method = (instance as Record<string, (...args: unknown[]) => unknown>)[name];
    if (method === undefined) throw new Error(`@OnUpgrade method ${name} does not exist`);
    return this.contexts.create(
      instance,
      method,
      name,
      NEST_ROUTE_ARGUMENTS,
      upgradeParams,
      contextId,
      undefined,
      // HTTP filters would speak to a response that is none; what is thrown is turned into a refusal here.
      { guards: true, interceptors: true, filters: false },
      'http',
    ) as UpgradeMethod;
  }

  private refusal(error: unknown, response?: ServerResponse): UpgradeRefusal {
    if (error instanceof UpgradeRefusal) return error;
    const headers = response === undefined ? {} : headersOf(response);
    if (error instanceof HttpException) {
      const status = error.getStatus();
      const body = error.getResponse();
      challenge(status, headers);
      const text = typeof body === 'string' ? { statusCode: status, message: body } : body;
      return new UpgradeRefusal(status, error.message, headers, text);
    }
    if (HauynaError.is(error)) {
      const { type, message, details } = error;
      const status = (Object.hasOwn(STATUS, type) ? STATUS[type] : undefined) ?? 400;
      challenge(status, headers);
      const body = {
        statusCode: status,
        error_type: type,
        message,
        ...(details === undefined ? {} : { details }),
      };
      const code = type === 'token_expired' ? CloseCode.tokenExpired : undefined;
      return new UpgradeRefusal(status, message, headers, body, code);
    }
    this.logger.error('Identifying a connection failed', errorText(error));
    return new UpgradeRefusal(500, 'Internal server error', headers);
  }
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'validation_error',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'rate_limited',
  503: 'unavailable',
  504: 'timeout',
};

const STATUS: Readonly<Record<string, number>> = {
  unauthorized: 401,
  token_expired: 401,
  forbidden: 403,
  not_found: 404,
  timeout: 504,
  conflict: 409,
  rate_limited: 429,
  limit_exceeded: 429,
  unavailable: 503,
  internal_error: 500,
};

/** A 401 has to say how to authenticate; what a guard has said counts. Names are lower case, as the response gives them. */
function challenge(status: number, headers: Record<string, string>): void {
  if (status === 401) headers['www-authenticate'] ??= 'Bearer';
}

/** Headers a guard has put on the response, such as `WWW-Authenticate`. */
function headersOf(response: ServerResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.getHeaders())) headers[name] = String(value);
  return headers;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function toIdentity(result: unknown): Identity | null {
  if (result === undefined || result === null || result === true) return null;
  if (result === false) throw new UpgradeRefusal(403, 'Forbidden resource');
  if (typeof result === 'string') return checked({ userId: result });
  if (typeof result === 'object' && 'userId' in result) return checked(result as Identity);
  throw new Error('identify and @OnUpgrade return { userId, info?, meta? }, a user id or null');
}

function checked(identity: Identity): Identity {
  requireClientName('user id', identity.userId);
  if (identity.info !== undefined && !isJsonObject(identity.info)) {
    throw new Error('The info of an identity must be a JSON object');
  }
  return identity;
}
