import { describe, expectTypeOf, it } from 'vitest';
import { createClient, type JsonValue, type Member, type MessageMeta } from '../../lib/client/index.js';
import type {
  ChannelName,
  EventsOf,
  ChannelOf,
  InferContract,
  PublishOf,
  Wire,
} from '../../lib/contract/index.js';
import type { ChannelService } from '../../lib/index.js';
import { useChannel, useEvent, useHistory, usePresence, type Messages } from '../../lib/react/index.js';
import type { chat, Chat, MoveDto } from './chat.contract.js';

/** A `Board` after its way through JSON. */
interface WireBoard {
  squares: string[];
  movedAt: string;
}

declare const channels: ChannelService;

describe('a contract of schemas and classes', () => {
  const client = createClient<typeof chat>('/chat');

  it('names the channels', () => {
    expectTypeOf<ChannelName<typeof chat>>().toEqualTypeOf<
      `room:${string}` | `room:${string}:board` | 'lobby' | `news:${string}`
    >();
    // @ts-expect-error there is no such channel
    client.channel('hall');
    // @ts-expect-error a name that can be anything is no channel of the contract
    client.channel('room' as string);
  });

  it('tells what a channel carries by its name, as the server would match it', () => {
    const id = 'x' as string;
    expectTypeOf(client.channel('room:1')).toEqualTypeOf(client.channel(`room:${id}`));
    expectTypeOf<EventsOf<ChannelOf<typeof chat, 'room:1:board'>>>().toEqualTypeOf<{ moved: WireBoard }>();
    expectTypeOf<keyof EventsOf<ChannelOf<typeof chat, 'room:1'>>>().toEqualTypeOf<'message' | 'typing'>();
    // A parameter never spans a colon.
    expectTypeOf<ChannelOf<typeof chat, 'room:1:garden'>>().toBeNever();
    expectTypeOf<keyof EventsOf<ChannelOf<typeof chat, 'news:a:b'>>>().toEqualTypeOf<'message'>();
  });

  it('takes what goes in when publishing, and gives what comes out when listening', () => {
    const room = client.channel('room:1');
    expectTypeOf<PublishOf<ChannelOf<typeof chat, 'room:1'>>['message']>().toEqualTypeOf<{
      text: string;
      urgent?: boolean | undefined;
    }>();
    void room.publish({ text: 'Hola' });
    void room.publish({ on: true }, { event: 'typing' });
    // @ts-expect-error the text is missing
    void room.publish({ urgent: true });
    // @ts-expect-error this is what a message looks like
    void room.publish({ text: 'Hola' }, { event: 'typing' });
    // @ts-expect-error there is no such event
    void room.publish({ text: 'Hola' }, { event: 'sung' });
    room.on('message', (data, meta) => {
      expectTypeOf(data).toEqualTypeOf<{ text: string; urgent: boolean }>();
      expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
    });
    // @ts-expect-error there is no such event
    room.on('sung', () => undefined);
    room.on('$recovered', ({ complete }) => expectTypeOf(complete).toBeBoolean());
  });

  it('lets only the server speak where it names events alone', () => {
    const board = client.channel('room:1:board');
    board.on('moved', (data) => expectTypeOf(data).toEqualTypeOf<WireBoard>());
    // @ts-expect-error clients publish nothing here
    void board.publish({ squares: [], movedAt: '' }, { event: 'moved' });
  });

  it('types presence, and requests with their results', () => {
    const { presence } = client.channel('room:1');
    expectTypeOf(presence.members.get('ana')).toEqualTypeOf<
      Member<{ name: string; seat: number }> | undefined
    >();
    void presence.update({ seat: 3 });
    // @ts-expect-error a seat is a number
    void presence.update({ seat: 'window' });
    expectTypeOf(client.request('move', { from: 'a1', to: 'a2' })).resolves.toEqualTypeOf<WireBoard>();
    // @ts-expect-error where to?
    void client.request('move', { from: 'a1' });
    // @ts-expect-error there is no such request
    void client.request('castle', {});
  });

  it('types the server by the same contract', () => {
    const typed = channels.typed<typeof chat>();
    void typed.broadcast('room:1', { text: 'Hola', urgent: true });
    void typed.broadcast('room:1', { on: true }, { event: 'typing' });
    // A date before or after it has become JSON.
    void typed.broadcast('news:today', { title: 'Hola', at: new Date() });
    void typed.broadcast('news:today', { title: 'Hola', at: '2026-01-01' });
    // @ts-expect-error there is no such channel
    void typed.broadcast('hall', { text: 'Hola', urgent: true });
    // @ts-expect-error what goes out has been read: `urgent` is there
    void typed.broadcast('room:1', { text: 'Hola' });
    // @ts-expect-error there is no such event
    void typed.broadcast('room:1', { on: true }, { event: 'sung' });
    expectTypeOf(typed.history('room:1')).resolves.toHaveProperty('epoch');
    void typed.history('room:1').then(({ publications }) => {
      for (const one of publications) {
        if (one.event === 'typing') expectTypeOf(one.data).toEqualTypeOf<{ on: boolean }>();
        else expectTypeOf(one.data).toEqualTypeOf<{ text: string; urgent: boolean }>();
      }
    });
    void typed.subscribe('room:1', 'c1', { name: 'Ana', seat: 1 });
    // @ts-expect-error the seat is missing
    void typed.subscribe('room:1', 'c1', { name: 'Ana' });
  });

  it('types the hooks for React', () => {
    const { channel } = useChannel(client, 'room:1');
    expectTypeOf(useHistory(channel)).toEqualTypeOf<Messages<{ text: string; urgent: boolean }>>();
    expectTypeOf(useHistory(channel, { event: 'typing' })).toEqualTypeOf<Messages<{ on: boolean }>>();
    expectTypeOf(usePresence(channel).get('ana')).toEqualTypeOf<
      Member<{ name: string; seat: number }> | undefined
    >();
    useEvent(channel, 'typing', ({ on }) => expectTypeOf(on).toBeBoolean());
    // @ts-expect-error there is no such channel
    useChannel(client, 'hall');
    // @ts-expect-error there is no such event
    useEvent(channel, 'sung', () => undefined);
    // @ts-expect-error there is no such event
    useHistory(channel, { event: 'sung' });
  });
});

describe('the same contract as an interface, or inferred', () => {
  it('gives the same types', () => {
    const [values, types] = [createClient<typeof chat>('/chat'), createClient<Chat>('/chat')];
    const inferred = createClient<InferContract<typeof chat>>('/chat');
    expectTypeOf<EventsOf<ChannelOf<Chat, 'room:1'>>>().toEqualTypeOf<
      EventsOf<ChannelOf<typeof chat, 'room:1'>>
    >();
    expectTypeOf<EventsOf<ChannelOf<Chat, 'news:1'>>>().toEqualTypeOf<{
      message: { title: string; at: string };
    }>();
    expectTypeOf<EventsOf<ChannelOf<InferContract<typeof chat>, 'room:1:board'>>>().toEqualTypeOf<
      EventsOf<ChannelOf<typeof chat, 'room:1:board'>>
    >();
    expectTypeOf(types.request('move', {} as MoveDto)).resolves.toEqualTypeOf<WireBoard>();
    expectTypeOf(inferred.request('move', {} as MoveDto)).resolves.toEqualTypeOf<WireBoard>();
    expectTypeOf(values.request<'move'>)
      .parameter(1)
      .toEqualTypeOf<MoveDto>();
    // @ts-expect-error the text is missing
    void types.channel('room:1').publish({ urgent: true });
    // @ts-expect-error the text is missing
    void inferred.channel('room:1').publish({ urgent: true });
  });
});

describe('no contract', () => {
  it('takes every name and any JSON', () => {
    const client = createClient('/chat');
    const name = 'x' as string;
    void client.channel(name).publish({ any: ['thing'] }, { event: name });
    client.channel('a:b').on('what', (data) => expectTypeOf(data).toEqualTypeOf<JsonValue>());
    expectTypeOf(client.request('anything', {})).resolves.toEqualTypeOf<JsonValue>();
    void channels.typed().broadcast('x', { a: 1 }, { event: 'y' });
  });
});

describe('what is left of a value after its way through JSON', () => {
  it('keeps what JSON keeps, under its name', () => {
    interface Line {
      text: string;
      replies?: Line[];
    }
    expectTypeOf<Wire<Line>>().toEqualTypeOf<Line>();
    expectTypeOf<Wire<JsonValue>>().toEqualTypeOf<JsonValue>();
    expectTypeOf<Wire<'a' | 1 | null>>().toEqualTypeOf<'a' | 1 | null>();
    expectTypeOf<Wire<unknown>>().toBeUnknown();
  });

  it('turns dates into text and leaves methods out', () => {
    expectTypeOf<Wire<{ at: Date; list: readonly [Date, number] }>>().toEqualTypeOf<{
      at: string;
      list: readonly [string, number];
    }>();
    expectTypeOf<Wire<{ a: number; b?: () => void; c(): void }>>().toEqualTypeOf<{ a: number }>();
  });
});
