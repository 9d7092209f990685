import { Controller, Injectable, Post } from '@nestjs/common';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  EventService,
  HauynaGateway,
  OnHauynaEvent,
  OnMessage,
  identifyByQuery,
} from '../../lib/index.js';
import { turns } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly heard: unknown[] = [];

  constructor(private readonly events: EventService<Connection>) {}

  @OnMessage('join', { validate: false })
  join(@ConnectedSocket() client: Connection, @MessageBody() body: object): number {
    return this.events.trigger('user_joined', client, body);
  }

  @OnHauynaEvent('user_joined')
  joined(client: Connection | null, data: unknown): void {
    this.heard.push([client?.userId, data]);
  }
}

@HauynaGateway({ path: '/other' })
class OtherGateway {
  readonly heard: unknown[] = [];

  @OnHauynaEvent('user_joined')
  joined(client: Connection | null): void {
    this.heard.push(client?.userId ?? null);
  }
}

@Injectable()
class Audit {
  readonly log: string[] = [];

  @OnHauynaEvent('user_joined')
  @OnHauynaEvent('user_left')
  note(client: Connection | null, data: unknown): void {
    this.log.push(`${client?.userId ?? 'server'} ${JSON.stringify(data)}`);
  }

  @OnHauynaEvent('user_joined')
  broken(): void {
    throw new Error('audit is broken');
  }

  @OnHauynaEvent('user_joined')
  async brokenLater(): Promise<void> {
    await Promise.reject(new Error('audit is broken later'));
  }
}

@Controller('orders')
class OrderController {
  readonly paid: unknown[] = [];

  constructor(private readonly events: EventService) {}

  @Post()
  create(): { listeners: number } {
    return { listeners: this.events.trigger('paid', null, { order: 7 }) };
  }

  @OnHauynaEvent('paid')
  onPaid(_client: null, data: unknown): void {
    this.paid.push(data);
  }
}

const start = useApps();
const boot = () =>
  start({
    providers: [ChatGateway, OtherGateway, Audit],
    controllers: [OrderController],
    options: { identify: identifyByQuery('user_id') },
  });

describe('EventService', () => {
  it('calls every listener of an event in the order in which they were added', async () => {
    const events = (await boot()).get(EventService);
    const calls: string[] = [];
    for (const name of ['a', 'b', 'c'])
      events.on('message_sent', (_, data) => void calls.push(`${name} ${String(data)}`));
    events.on('another', () => void calls.push('another'));
    expect(events.trigger('message_sent', null, 1)).toBe(3);
    expect(calls).toEqual(['a 1', 'b 1', 'c 1']);
  });

  it('an event nobody listens to is nothing', async () => {
    const events = (await boot()).get(EventService);
    expect(events.trigger('nobody_cares')).toBe(0);
    expect(events.trigger('__proto__')).toBe(0);
    expect(events.trigger('constructor')).toBe(0);
  });

  it('off() takes away one listener, once too, and twice is harmless', async () => {
    const events = (await boot()).get(EventService);
    const calls: string[] = [];
    const off = events.on('e', () => void calls.push('on'));
    const offOnce = events.once('e', () => void calls.push('never'));
    events.once('e', () => void calls.push('once'));
    offOnce();
    events.trigger('e');
    off();
    off();
    events.trigger('e');
    expect(calls).toEqual(['on', 'once']);
    expect(events.listenerCount('e')).toBe(0);
  });

  it('the same function twice is two listeners', async () => {
    const events = (await boot()).get(EventService);
    let calls = 0;
    const count = (): void => void calls++;
    const off = events.on('e', count);
    events.on('e', count);
    events.trigger('e');
    off();
    events.trigger('e');
    expect(calls).toBe(3);
  });

  it('once() is over before it is called: a listener that triggers its own event does not go round in circles', async () => {
    const events = (await boot()).get(EventService);
    let calls = 0;
    events.once('e', () => {
      calls++;
      events.trigger('e');
    });
    events.trigger('e');
    expect(calls).toBe(1);
  });

  it('a listener that is added or removed while the event is on does not disturb it', async () => {
    const events = (await boot()).get(EventService);
    const calls: string[] = [];
    events.on('e', () => {
      calls.push('a');
      offB();
      events.on('e', () => void calls.push('c'));
    });
    const offB = events.on('e', () => void calls.push('b'));
    events.trigger('e');
    expect(calls).toEqual(['a', 'b']);
  });

  it('a listener that fails, now or later, stops neither the others nor the process, and is logged', async () => {
    const app = await boot();
    const events = app.get(EventService);
    const calls: string[] = [];
    events.on('e', () => {
      throw new Error('now');
    });
    events.on('e', async () => {
      await turns(1);
      throw new Error('later');
    });
    // A thenable that is no Promise of this realm.
    events.on('e', () => ({ then: () => undefined }) as unknown as Promise<void>);
    events.on('e', () => void calls.push('last'));
    expect(events.trigger('e')).toBe(4);
    await turns();
    expect(calls).toEqual(['last']);
    const logged = app.logs.filter(({ message }) => message === 'A listener of "e" failed');
    expect(logged.map(({ params }) => String(params[0]).split('\n')[0])).toEqual([
      'Error: now',
      'Error: later',
    ]);
  });
});

describe('@OnHauynaEvent', () => {
  it('hears what a handler triggers, with connection and data, on gateways and plain providers', async () => {
    const app = await boot();
    const client = await app.connect('/chat?user_id=ana');
    await client.request('join', { name: 'Ana' });
    expect(app.get(ChatGateway).heard).toEqual([['ana', { name: 'Ana' }]]);
    expect(app.get(Audit).log).toEqual(['ana {"name":"Ana"}']);
  });

  it('two of them on one method listen to two events', async () => {
    const app = await boot();
    app.get(EventService).trigger('user_left', null, { id: 1 });
    app.get(EventService).trigger('user_joined', null, { id: 2 });
    expect(app.get(Audit).log).toEqual(['server {"id":1}', 'server {"id":2}']);
  });

  it('on a gateway hears of its own connections, and of what concerns none', async () => {
    const app = await boot();
    const client = await app.connect('/chat?user_id=ana');
    await client.request('join');
    app.get(EventService).trigger('user_joined', null, {});
    expect(app.get(OtherGateway).heard).toEqual([null]);
    expect(app.get(ChatGateway).heard).toHaveLength(2);
  });

  it('works on controllers, triggered by plain HTTP', async () => {
    const app = await boot();
    const response = await fetch(`${app.httpUrl}/orders`, { method: 'POST' });
    expect(await response.json()).toEqual({ listeners: 0 });
    expect(app.get(OrderController).paid).toEqual([{ order: 7 }]);
  });

  it('a method that fails stops no other, and is logged by class and method', async () => {
    const app = await boot();
    app.get(EventService).trigger('user_joined', null, {});
    await turns();
    expect(app.get(ChatGateway).heard).toHaveLength(1);
    const failed = app.logs
      .map(({ message }) => message)
      .filter((message) => String(message).includes('failed'));
    expect(failed).toEqual(['Audit.broken failed', 'Audit.brokenLater failed']);
  });
});
