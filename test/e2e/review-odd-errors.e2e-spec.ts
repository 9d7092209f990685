import { BadRequestException } from '@nestjs/common';
import { throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConnectionService,
  EventService,
  HauynaError,
  HauynaGateway,
  OnChannelSubscribe,
  OnConnect,
  OnDisconnect,
  OnMessage,
  OnUpgrade,
} from '../../lib/index.js';
import { RequestError, UpgradeError } from '../../lib/testing/index.js';
import { start } from './start.js';

function circular(): Record<string, never> {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value as Record<string, never>;
}

function withoutStack(): Error {
  return Object.defineProperty(new Error('broken'), 'stack', {
    get: () => {
      throw new Error('no stack');
    },
  });
}

function like(getError: () => unknown): Error {
  return Object.assign(new Error('broken'), { getError });
}

/** What an application can throw, and nobody can simply print or send. */
const THROWN: Record<string, () => unknown> = {
  'an error with circular details': () => new HauynaError('conflict', 'Taken.', { details: circular() }),
  'an error with a BigInt': () => new HauynaError('conflict', 'Taken.', { details: { n: 1n } as never }),
  'an error whose type is a name of Object.prototype': () => new HauynaError('constructor', 'Odd.'),
  'an object without a prototype': () => Object.create(null) as unknown,
  'an object that has no text': () => ({ toString: () => ({}) }),
  'an HTTP exception with a circular body': () => new BadRequestException(circular()),
  'a WebSocket exception that cannot be read': () =>
    like(() => {
      throw new Error('unreadable');
    }),
  'a WebSocket exception of nothing': () => like(() => null),
  'an error whose stack fails': withoutStack,
};

const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
  expect(escaped).toEqual([]);
});

describe.each(Object.entries(THROWN))('%s', (_, make) => {
  it('thrown by a handler is answered like any other error', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnMessage('at-once')
      atOnce(): void {
        throw make();
      }

      @OnMessage('observable')
      observable(): unknown {
        return throwError(make);
      }

      @OnMessage('stream', { stream: true })
      stream(): unknown {
        return throwError(make);
      }
    }
    const app = await start({ providers: [ChatGateway] });
    for (const protocol of ['plain', 'v1'] as const) {
      const client = await app.connect('/chat', { protocol });
      for (const type of ['at-once', 'observable', 'stream']) {
        await expect(client.request(type)).rejects.toBeInstanceOf(RequestError);
      }
    }
  });

  it('thrown by @OnConnect closes the connection with a code', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnConnect()
      connect(): void {
        throw make();
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat');
    await client.next('error');
    expect((await client.closed).code).toBeGreaterThanOrEqual(4000);
  });

  it('thrown by @OnChannelSubscribe costs a client its ?channel=, not the connection', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnChannelSubscribe()
      subscribe(): void {
        throw make();
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?channel=room');
    await client.next('error');
    await client.fence();
  });

  it('thrown while somebody is identified refuses the upgrade', async () => {
    @HauynaGateway({ path: '/option' })
    class OptionGateway {}
    @HauynaGateway({ path: '/method' })
    class MethodGateway {
      @OnUpgrade()
      upgrade(): void {
        throw make();
      }
    }
    const late = async (): Promise<never> => {
      throw make();
    };
    const atOnce = (): never => {
      throw make();
    };
    for (const identify of [atOnce, late]) {
      const app = await start({ providers: [OptionGateway, MethodGateway], options: { identify } });
      await expect(app.connect('/option')).rejects.toBeInstanceOf(UpgradeError);
      await expect(app.connect('/method')).rejects.toBeInstanceOf(UpgradeError);
      const client = await app.connect('/option', { protocol: 'v1' });
      await client.next('disconnect');
      await client.closed;
    }
  });

  it('thrown by hooks and listeners ends neither the process nor what else is told', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      handleConnection(): void {
        throw make();
      }

      @OnDisconnect()
      gone(): void {
        throw make();
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const events = app.get(EventService);
    const heard: unknown[] = [];
    events.on('odd', () => {
      throw make();
    });
    events.on('odd', () => Promise.reject(make() as Error));
    events.on('odd', (_connection, data) => void heard.push(data));
    expect(events.trigger('odd', null, 1)).toBe(3);
    app.get(ConnectionService).onStateChange(() => {
      throw make();
    });
    await (
      await app.connect('/chat')
    ).closed;
    expect(heard).toEqual([1]);
  });
});

it('Details that cannot be sent are left out; type and text stay', async () => {
  @HauynaGateway({ path: '/chat' })
  class ChatGateway {
    @OnMessage('take')
    take(): void {
      throw new HauynaError('conflict', 'Taken.', { details: circular() });
    }
  }
  const app = await start({ providers: [ChatGateway] });
  const client = await app.connect('/chat');
  client.send({ type: 'take', id: 1 });
  const error = await client.next({ type: 'error', id: 1 });
  expect(error).toMatchObject({ error_type: 'conflict', message: 'Taken.' });
  expect(error).not.toHaveProperty('details');
});
