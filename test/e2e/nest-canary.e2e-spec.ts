import { EventEmitter } from 'node:events';
import {
  Catch,
  Controller,
  Headers,
  HostParam,
  Inject,
  Injectable,
  Ip,
  Param,
  Query,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, HauynaModule, OnUpgrade, type UpgradeRequest } from '../../lib/index.js';
import { adapterSlot, upgradeParams } from '../../lib/adapter/nest-internals.js';
import {
  NEST_FILTERS,
  NEST_IS_GATEWAY,
  NEST_MESSAGE,
  NEST_ROUTE_ARGUMENTS,
} from '../../lib/gateway/metadata-keys.js';
import { useApps } from './support/use-apps.js';

const start = useApps();

describe('The metadata keys of Nest that are not exported', () => {
  it('of filters', () => {
    @Catch()
    class Filter {
      catch(): void {}
    }
    @UseFilters(Filter)
    class Target {}
    expect(Reflect.getMetadata(NEST_FILTERS, Target)).toEqual([Filter]);
  });

  it('of message handlers and gateways', () => {
    @WebSocketGateway()
    class Target {
      @SubscribeMessage('name')
      handle(): void {}
    }
    expect(Reflect.getMetadata(NEST_MESSAGE, Target.prototype.handle)).toBe('name');
    expect(Reflect.hasMetadata(NEST_IS_GATEWAY, Target)).toBe(true);
    expect(Reflect.hasMetadata(NEST_IS_GATEWAY, class {})).toBe(false);
  });

  it('of message parameters: index, and 3 for the body', () => {
    class Target {
      handle(_client: unknown, @MessageBody('field') _field: string): void {}
    }
    const found = Reflect.getMetadata(NEST_ROUTE_ARGUMENTS, Target, 'handle') as Record<string, object>;
    expect(Object.keys(found)).toEqual(['3:1']);
    expect(found['3:1']).toMatchObject({ index: 1, data: 'field' });
  });

  it('of HTTP parameters: the numbers @OnUpgrade methods are served by', () => {
    @Controller()
    class Target {
      handle(
        @Req() _req: unknown,
        @Res() _res: unknown,
        @Query() _query: unknown,
        @Param() _param: unknown,
        @Headers() _headers: unknown,
        @HostParam() _host: unknown,
        @Ip() _ip: unknown,
      ): void {}
    }
    const found = Reflect.getMetadata(NEST_ROUTE_ARGUMENTS, Target, 'handle') as Record<
      string,
      { index: number }
    >;
    const byIndex = Object.entries(found)
      .toSorted(([, a], [, b]) => a.index - b.index)
      .map(([key]) => Number(key.split(':')[0]));
    const request = {
      query: { q: '1' },
      params: { p: '2' },
      headers: { h: '3', host: 'x' },
      socket: { remoteAddress: '::1' },
    };
    const response = new EventEmitter();
    expect(
      byIndex.map((type) => upgradeParams.exchangeKeyForValue(type, undefined, [request, response])),
    ).toEqual([request, response, { q: '1' }, { p: '2' }, { h: '3', host: 'x' }, 'x', '::1']);
  });
});

describe('Parameter decorators of HTTP in an @OnUpgrade method', () => {
  it('get what the request says, whole or one field of it', async () => {
    const seen: unknown[] = [];
    @HauynaGateway({ path: '/rooms/:roomId' })
    class UpgradeGateway {
      @OnUpgrade()
      upgrade(
        @Req() request: UpgradeRequest,
        @Param('roomId') room: string,
        @Param() params: object,
        @Query('q') q: string,
        @Query('toString') inherited: unknown,
        @Query() query: object,
        @Headers('X-Token') token: string,
        @Ip() ip: string,
      ): string {
        seen.push(request.url, room, params, q, inherited, query, token, ip);
        return 'ana';
      }
    }
    const app = await start({ providers: [UpgradeGateway] });
    await app.connect('/rooms/7?q=1', { headers: { 'x-token': 'secret' } });
    expect(seen).toEqual([
      '/rooms/7?q=1',
      '7',
      { roomId: '7' },
      '1',
      undefined,
      { q: '1' },
      'secret',
      '127.0.0.1',
    ]);
  });
});

describe('The place Nest keeps the WebSocket adapter in', () => {
  it('can be reached while providers are made', async () => {
    let found: unknown;
    @Injectable()
    class Probe {
      constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
        found = adapterSlot(moduleRef);
      }
    }
    await Test.createTestingModule({ imports: [HauynaModule.forRoot()], providers: [Probe] }).compile();
    expect(found).toBeDefined();
  });

  it('is skipped when Nest has moved it', () => {
    expect(adapterSlot({} as ModuleRef)).toBeUndefined();
    expect(
      adapterSlot({ container: { applicationConfig: { getIoAdapter: 1 } } } as unknown as ModuleRef),
    ).toBeUndefined();
  });
});
