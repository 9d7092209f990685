import {
  Catch,
  HttpException,
  Injectable,
  NotFoundException,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BaseWsExceptionFilter, WsException } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { Connection, HauynaGateway, OnChannelSubscribe, OnConnect, OnMessage } from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

const caught: string[] = [];

class Domain extends Error {}

/** Answers by itself, as filters of Nest do. */
@Catch(Domain)
class Speak implements ExceptionFilter<Domain> {
  catch(error: Domain, host: ArgumentsHost): void {
    caught.push(`${host.getType()} ${error.message}`);
    host.switchToWs().getClient<Connection>().send({ sorry: error.message });
  }
}

@Catch()
class Swallow implements ExceptionFilter {
  catch(error: unknown): void {
    caught.push(`swallowed ${(error as Error).message}`);
  }
}

@Injectable()
class Names {
  readonly name = 'injected';
}

@Catch(HttpException)
@Injectable()
class Translate implements ExceptionFilter {
  constructor(private readonly names: Names) {}

  catch(error: HttpException): never {
    caught.push(this.names.name);
    throw new WsException({ error_type: 'translated', message: `No: ${error.message}` });
  }
}

@Catch()
class Global implements ExceptionFilter {
  catch(error: unknown): void {
    caught.push(`global ${(error as Error).message}`);
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @UseFilters(Speak)
  @OnMessage('speak')
  speak(): never {
    throw new Domain('no stock');
  }

  @UseFilters(Speak)
  @OnMessage('other')
  other(): never {
    throw new NotFoundException('No such room.');
  }

  @UseFilters(Swallow)
  @OnMessage('swallow')
  swallow(): never {
    throw new Error('secret');
  }

  @UseFilters(Swallow)
  @OnChannelSubscribe('swallow')
  subscribe(): never {
    throw new Error('not allowed');
  }

  @OnMessage('plain')
  plain(): never {
    throw new Error('secret');
  }

  @UseFilters(BaseWsExceptionFilter)
  @OnMessage('nest')
  nest(): never {
    throw new WsException('as Nest says it');
  }
}

@UseFilters(Swallow)
@HauynaGateway({ path: '/below' })
class BelowGateway {
  @OnConnect()
  connected(): void {
    throw new Error('not you');
  }
}

@HauynaGateway({ path: '/above' })
@UseFilters(Translate)
class AboveGateway {
  @OnMessage('missing')
  missing(): never {
    throw new NotFoundException('gone');
  }

  @OnMessage('fail')
  fail(): never {
    throw new Error('secret');
  }
}

const start = useApps();
const boot = (...more: object[]) => {
  caught.length = 0;
  return start({ providers: [ChatGateway, BelowGateway, AboveGateway, Names, ...(more as [])] });
};

describe('@UseFilters on a method', () => {
  it('catches what it is for, speaks for itself, and the request still gets its one answer', async () => {
    const client = await (await boot()).connect('/chat');
    await expect(client.request('speak')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(await client.next()).toEqual({ sorry: 'no stock' });
    expect(caught).toEqual(['ws no stock']);
    await client.expectNone();
  });

  it('lets pass what it is not for', async () => {
    const client = await (await boot()).connect('/chat');
    await expect(client.request('other')).rejects.toMatchObject({ error_type: 'not_found' });
    expect(caught).toEqual([]);
  });

  it('that swallows is no success: the request failed, without the text', async () => {
    const client = await (await boot()).connect('/chat');
    await expect(client.request('swallow')).rejects.toMatchObject({
      error_type: 'internal_error',
      message: 'The request was not carried out.',
    });
    expect(caught).toEqual(['swallowed secret']);
  });

  it('that swallows on a decision denies', async () => {
    const client = await (await boot()).connect('/chat');
    await expect(client.request('subscribe_channel', { channel: 'swallow' })).rejects.toMatchObject({
      error_type: 'internal_error',
    });
    await expect(client.request('channel_message', { channel: 'swallow', message: 1 })).rejects.toMatchObject(
      {
        error_type: 'not_subscribed',
      },
    );
  });

  it("Nest's own filter does no harm: it knows no way to our client, and the request gets its answer", async () => {
    const client = await (await boot()).connect('/chat');
    await expect(client.request('nest')).rejects.toMatchObject({ error_type: 'internal_error' });
    await client.expectNone();
  });
});

describe('@UseFilters on the class', () => {
  it('above the decorator of the gateway wins over ours; a connection it swallows is refused', async () => {
    const client = await (await boot()).connect('/below');
    expect(await client.next('error')).toMatchObject({ error_type: 'internal_error' });
    expect(await client.closed).toMatchObject({ code: 4104 });
    expect(caught).toEqual(['swallowed not you']);
  });

  it('below it too, with dependencies; what a filter throws is not the answer', async () => {
    const app = await boot();
    const client = await app.connect('/above');
    await expect(client.request('missing')).rejects.toMatchObject({ frame: { type: 'error' } });
    expect(caught).toEqual(['injected']);
    await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
  });
});

describe('A global filter', () => {
  it('does not run for gateways: Nest never asks them, APP_FILTER and useGlobalFilters alike', async () => {
    const client = await (await boot({ provide: APP_FILTER, useClass: Global })).connect('/chat');
    await expect(client.request('plain')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(caught).toEqual([]);
    const app = await start({
      providers: [ChatGateway],
      configure: (nest) => void nest.useGlobalFilters(new Global()),
    });
    await expect((await app.connect('/chat')).request('plain')).rejects.toMatchObject({
      error_type: 'internal_error',
    });
    expect(caught).toEqual([]);
  });
});
