import { beforeAll, describe, expect, it } from 'vitest';
import { compilerErrors } from './compiler-errors.js';

const head = `import type { ChannelService } from '../../lib/index.js';
import { createClient } from '../../lib/client/index.js';
import { defineContract } from '../../lib/contract/index.js';
import type { chat } from './chat.contract.js';
declare const service: ChannelService;
const server = service.typed<typeof chat>();
const client = createClient<typeof chat>('/chat');
const room = client.channel('room:1');
void [server, client, room, defineContract];
`;
const FIRST = head.split('\n').length;

const NO_CHANNEL =
  'TS2345 Argument of type \'"hall"\' is not assignable to parameter of type ' +
  '\'"lobby" | `room:${string}` | `room:${string}:board` | `news:${string}`\'.';

interface Case {
  what: string;
  /** On one line. */
  code: string;
  says: string[];
}

const cases: readonly Case[] = [
  {
    what: 'nothing when both sides keep to it',
    code: `void room.publish({ text: 'a' }); void server.broadcast('room:1', { text: 'a', urgent: true });`,
    says: [],
  },
  {
    what: 'that the server broadcasts to no channel',
    code: `void server.broadcast('hall', { text: 'a', urgent: true });`,
    says: [NO_CHANNEL],
  },
  {
    what: 'that the client names no channel',
    code: `client.channel('hall').on('message', () => undefined);`,
    says: [NO_CHANNEL],
  },
  {
    what: 'that the server broadcasts no event',
    code: `void server.broadcast('room:1', { on: true }, { event: 'sung' });`,
    says: [`TS2322 Type '"sung"' is not assignable to type '"message" | "typing" | undefined'.`],
  },
  {
    what: 'that the client listens to no event',
    code: `room.on('sung', () => undefined);`,
    says: [
      `TS2345 Argument of type '"sung"' is not assignable to parameter of type ` +
        `'"message" | "typing" | "$state" | "$recovered" | "$error"'.`,
    ],
  },
  {
    what: 'that the server broadcasts a wrong payload',
    code: `void server.broadcast('room:1', { text: 1, urgent: true });`,
    says: [`TS2322 Type 'number' is not assignable to type 'string'.`],
  },
  {
    what: 'that the client takes a payload for another',
    code: `room.on('message', ({ text }) => { const n: number = text; return n; });`,
    says: [`TS2322 Type 'string' is not assignable to type 'number'.`],
  },
  {
    what: 'that the client publishes a wrong payload',
    code: `void room.publish({ text: 1 });`,
    says: [`TS2322 Type 'number' is not assignable to type 'string'.`],
  },
  {
    what: 'that the client asks with wrong data',
    code: `void client.request('move', { from: 'a1', to: 2 });`,
    says: [`TS2322 Type 'number' is not assignable to type 'string'.`],
  },
  {
    what: 'that a method has not come over the wire',
    code: `void client.request('move', { from: 'a', to: 'b' }).then((board) => board.isOver());`,
    says: [`TS2339 Property 'isOver' does not exist on type '{ squares: string[]; movedAt: string; }'.`],
  },
  {
    what: 'that a contract of values is made of schemas and classes',
    code: `defineContract({ channels: { lobby: { publish: { message: 'text' } } } });`,
    says: [`TS2322 Type 'string' is not assignable to type 'Leaf'.`],
  },
];

let found: Map<string, string[]>;

beforeAll(() => {
  const snippets = cases.map(({ code }, index) => ({ name: `snippet-${index}`, code: `${head}${code}\n` }));
  found = compilerErrors(snippets);
}, 60_000);

describe('of one contract for server and client, the compiler says', () => {
  for (const [index, { what, says }] of cases.entries()) {
    it(what, () => {
      expect(found.get(`snippet-${index}`)).toEqual(says.map((error) => `${FIRST}: ${error}`));
    });
  }
});
