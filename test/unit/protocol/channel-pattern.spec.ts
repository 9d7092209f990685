import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareSpecificity,
  matchChannel,
  parseChannelPattern,
} from '../../../lib/protocol/channel-pattern.js';

const match = (pattern: string, channel: string): Record<string, string> | null => {
  const params = matchChannel(parseChannelPattern(pattern), channel);
  return params === null ? null : { ...params };
};

describe('matchChannel', () => {
  it.each([
    ['room1', 'room1', {}],
    ['room1', 'Room1', null],
    ['room1', 'room10', null],
    ['*', 'anything: at / all', {}],
    ['news:*', 'news:', {}],
    ['news:*', 'news:sport:today', {}],
    ['news:*', 'new', null],
    ['room:{id}', 'room:1', { id: '1' }],
    ['room:{id}', 'room:', null],
    ['room:{id}', 'room:1:admin', null],
    ['room:{id}', 'room:1/2', null],
    ['room:{id}', 'room:con espacio', { id: 'con espacio' }],
    ['room:{id}', 'room:__proto__', { id: '__proto__' }],
    ['room:{id}', 'room:{id}', { id: '{id}' }],
    ['{id}', 'x', { id: 'x' }],
    ['{id}', '', null],
    ['{a}-{b}', '1-2-3', { a: '1', b: '2-3' }],
    ['{a}:{b}', '1:2', { a: '1', b: '2' }],
    ['game/{id}/chat', 'game/7/chat', { id: '7' }],
    ['game/{id}/chat', 'game//chat', null],
    ['game/{id}/*', 'game/7/chat/de', { id: '7' }],
    ['a{x}b', 'a1b2b', { x: '1b2' }],
    ['a.c', 'abc', null],
    ['chat({id})', 'chat(1)', { id: '1' }],
  ])('%s on %j gives %j', (pattern, channel, expected) => {
    expect(match(pattern, channel)).toEqual(expected);
  });

  it('parameters are own keys only, whatever they are called', () => {
    const params = matchChannel(parseChannelPattern('room:{__proto__}'), 'room:1')!;
    expect(Object.keys(params)).toEqual(['__proto__']);
    expect('toString' in params).toBe(false);
  });

  it('agrees with a regular expression for every pattern and name', () => {
    const text = fc.stringMatching(/^[ab:/.-]{0,3}$/);
    const between = fc.stringMatching(/^[ab:/.-]{1,2}$/);
    const patterns = fc.record({
      first: text,
      between: fc.array(between, { maxLength: 2 }),
      last: text,
      params: fc.nat(3),
      wildcard: fc.boolean(),
    });
    fc.assert(
      fc.property(patterns, fc.stringMatching(/^[ab:/.-]{0,9}$/), (given, channel) => {
        const { params, wildcard } = given;
        const names = ['x', 'y', 'z'].slice(0, params);
        const literals = [
          given.first,
          ...Array.from({ length: Math.max(0, params - 1) }, (_, n) => given.between[n] ?? '-'),
        ];
        if (params > 0) literals.push(wildcard && given.last === '' ? '-' : given.last);
        const source = literals.map((literal, n) => literal + (n < params ? `{${names[n]}}` : '')).join('');
        fc.pre(source !== '' || wildcard);
        const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
        const body = literals.map(
          (literal, n) => escape(literal) + (n < params ? `(?<${names[n]}>[^:/]+?)` : ''),
        );
        const model = new RegExp(`^${body.join('')}${wildcard ? '[^]*' : ''}$`).exec(channel);
        const expected = model === null ? null : { ...model.groups };
        expect(match(source + (wildcard ? '*' : ''), channel)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('parseChannelPattern', () => {
  it.each([
    '',
    'a*b',
    '**',
    '{',
    '}',
    'a{b',
    'a}b',
    '{}',
    '{a b}',
    '{1}',
    '{a}{b}',
    '{a}:{a}',
    '{a}*',
    '{{a}}',
  ])('refuses %j and shows how to write it', (source) => {
    expect(() => parseChannelPattern(source)).toThrow(/Channel pattern ".*Write it like "room:\{id\}"/);
  });

  it('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '*', 'a', ':', '_') }), (source) => {
        try {
          parseChannelPattern(source);
        } catch (error) {
          expect((error as Error).message).toContain('Channel pattern');
        }
      }),
    );
  });
});

describe('compareSpecificity', () => {
  it('puts the more specific pattern first', () => {
    const sources = ['*', 'room:*', 'room:{id}:*', '{any}', 'room:{id}', 'room:{id}:log', 'room:1'];
    const sorted = sources.map(parseChannelPattern).toSorted(compareSpecificity);
    expect(sorted.map(({ source }) => source)).toEqual([
      'room:1',
      'room:{id}:log',
      'room:{id}',
      '{any}',
      'room:*',
      '*',
      'room:{id}:*',
    ]);
  });
});
