import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  HauynaConfigurationError,
  HauynaGateway,
  OnChannelMessage,
  OnChannelSubscribe,
  OnMessage,
} from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

interface Shape {
  text: string;
}
class Ruled {
  @IsString()
  text: string;
}
class Unruled {
  text: string;
}
class Inherited extends Ruled {}

const start = useApps();

async function problem(...providers: (new () => object)[]): Promise<string> {
  const error: unknown = await start({ providers }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HauynaConfigurationError);
  return (error as Error).message;
}

describe('A body that cannot be validated fails the boot, and class and method are named', () => {
  it('an interface', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @OnMessage('say')
      say(@MessageBody() _body: Shape): void {}
    }
    expect(await problem(A)).toContain(
      'A.say: the body of @OnMessage(say) cannot be validated: its type leaves nothing to check at run time ' +
        '(an interface, a union, unknown or any). Declare a class with class-validator rules, pass @MessageBody({ schema }), or set { validate: false }',
    );
  });

  it('a union with null, unknown, any of them', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @OnMessage('one')
      one(@MessageBody() _body: Ruled | Unruled): void {}

      @OnMessage('two')
      two(@MessageBody() _body: unknown): void {}

      @OnMessage('three')
      three(@MessageBody() _body: Partial<Ruled>): void {}
    }
    const text = await problem(A);
    for (const method of ['A.one', 'A.two', 'A.three']) expect(text).toContain(`${method}: the body of`);
  });

  it('an array', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @OnMessage('say')
      say(@MessageBody() _body: Ruled[]): void {}
    }
    expect(await problem(A)).toContain(
      'A.say: the body of @OnMessage(say) cannot be validated: an array type does not say',
    );
  });

  it('a class without rules, on a parameter without decorator too', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @OnMessage('say')
      say(_client: Connection, _body: Unruled): void {}

      @OnChannelMessage('room:{id}')
      publish(@MessageBody() _body: Unruled): void {}
    }
    const text = await problem(A);
    expect(text).toContain(
      'A.say: the body of @OnMessage(say) cannot be validated: class Unruled has no class-validator rules',
    );
    expect(text).toContain('A.publish: the body of @OnChannelMessage(room:{id})');
  });

  it('a schema that is none', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @OnMessage('say')
      say(@MessageBody({ schema: { parse: () => 1 } as never }) _body: Shape): void {}
    }
    expect(await problem(A)).toContain('its schema is no Standard Schema');
  });
});

it('what can be validated boots: rules, inherited rules, primitives, no body, and `validate: false`', async () => {
  @HauynaGateway({ path: '/a' })
  class A {
    @OnMessage('own')
    own(@MessageBody() _body: Ruled): void {}

    @OnMessage('inherited')
    inherited(@MessageBody() _body: Inherited): void {}

    @OnMessage('text')
    text(
      @MessageBody('text') _text: string,
      @MessageBody('n') _n: number,
      @MessageBody('b') _b: boolean,
    ): void {}

    @OnMessage('none')
    none(): string {
      return 'ok';
    }

    @OnMessage('client')
    client(_client: Connection): void {}

    @OnMessage('loose', { validate: false })
    loose(@MessageBody() _body: Shape): void {}
  }
  const client = await (await start({ providers: [A] })).connect('/a');
  expect(await client.request('none')).toBe('ok');
});

describe('A mistake in a decorator fails where it is written or at boot', () => {
  it('a channel pattern that cannot be read', () => {
    for (const pattern of [
      '',
      'a*b',
      'room:{',
      'room:}',
      'room:{a}{b}',
      'room:{1a}',
      '{a}:{a}',
      'room:{a}*',
    ]) {
      expect(() => OnChannelSubscribe(pattern)).toThrow(
        /Channel pattern ".*" .* Write it like "room:\{id\}" or "news:\*"/,
      );
    }
  });

  it('an empty message type', () => {
    expect(() => OnMessage('')).toThrow('needs a type, or none at all for every type');
  });

  it('@SubscribeMessage above ours, which would hide it', async () => {
    @HauynaGateway({ path: '/a' })
    class A {
      @SubscribeMessage('native')
      @OnMessage('ours')
      both(): void {}
    }
    expect(await problem(A)).toContain(
      'A.both: @SubscribeMessage hides @OnMessage(ours); write it below the other decorators',
    );
  });
});

it('@SubscribeMessage below ours, and several of ours, all work on one method', async () => {
  @HauynaGateway({ path: '/a' })
  class A {
    @OnMessage('one')
    @OnMessage('two')
    @SubscribeMessage('three')
    all(): string {
      return 'yes';
    }
  }
  const client = await (await start({ providers: [A] })).connect('/a');
  for (const type of ['one', 'two', 'three']) expect(await client.request(type)).toBe('yes');
});
