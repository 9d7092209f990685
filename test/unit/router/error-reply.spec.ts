import { BadRequestException, HttpException, Logger } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HauynaError } from '../../../lib/errors/hauyna.error.js';
import { closeCodeFor, ErrorReply } from '../../../lib/router/error-reply.js';
import { CollectingLogger, ManualClock } from '../../../lib/testing/index.js';

let logger: CollectingLogger;
beforeEach(() => {
  logger = new CollectingLogger();
  Logger.overrideLogger(logger);
});
afterEach(() => Logger.overrideLogger(false));

const clock = new ManualClock();
const reply = new ErrorReply(clock);

describe('An error frame', () => {
  it('of a HauynaError says what it says', () => {
    const error = new HauynaError('conflict', 'Taken.', {
      details: [{ path: 'seat', messages: ['is taken'] }],
      retryable: true,
    });
    expect(reply.frame(error, 7)).toEqual({
      type: 'error',
      error_type: 'conflict',
      message: 'Taken.',
      timestamp: clock.now(),
      id: 7,
      details: [{ path: 'seat', messages: ['is taken'] }],
      retryable: true,
    });
  });

  it('of a HauynaError from another copy of the package too', () => {
    const foreign = Object.assign(new Error('Taken.'), {
      type: 'conflict',
      retryable: false,
      details: undefined,
    });
    Object.defineProperty(foreign, Symbol.for('hauyna:error'), { value: true });
    expect(reply.frame(foreign)).toMatchObject({ error_type: 'conflict', message: 'Taken.' });
  });

  it('of a WsException from another copy of the package too', () => {
    const foreign = Object.assign(new Error('x'), { getError: () => 'Not now.' });
    expect(reply.frame(foreign)).toMatchObject({ error_type: 'exception', message: 'Not now.' });
    expect(reply.frame(new WsException('Forbidden resource'))).toMatchObject({ error_type: 'forbidden' });
  });

  it('of a list of messages keeps the list', () => {
    expect(reply.frame(new BadRequestException(['a', 'b']))).toMatchObject({
      error_type: 'validation_error',
      message: 'a; b',
      details: [{ path: '', messages: ['a', 'b'] }],
    });
  });

  it.each([
    [400, 'validation_error'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [410, 'exception'],
    [413, 'limit_exceeded'],
    [422, 'validation_error'],
    [429, 'rate_limited'],
    [500, 'internal_error'],
    [502, 'internal_error'],
    [503, 'unavailable'],
    [504, 'timeout'],
  ])('of an HttpException %i is %s', (status, type) => {
    const frame = reply.frame(new HttpException({ message: 'text', secret: 1 }, status));
    expect(frame.error_type).toBe(type);
    expect(frame.message).toBe(
      type === 'internal_error' ? 'The server could not handle the message.' : 'text',
    );
    expect(JSON.stringify(frame)).not.toContain('secret');
  });

  it.each([
    [new TypeError('secret')],
    ['secret'],
    [null],
    [undefined],
    [{ message: 'secret', type: 'x' }],
    [42n],
  ])('of %s tells nothing, and it is logged once', (error) => {
    expect(reply.frame(error)).toEqual({
      type: 'error',
      error_type: 'internal_error',
      message: 'The server could not handle the message.',
      timestamp: clock.now(),
      retryable: false,
    });
    expect(logger.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('In the shape of Nest', () => {
  it('it is an exception event with the same fields', () => {
    expect(reply.exception(new HauynaError('conflict', 'Taken.'), 'a')).toEqual({
      event: 'exception',
      data: {
        status: 'error',
        error_type: 'conflict',
        message: 'Taken.',
        timestamp: clock.now(),
        id: 'a',
        retryable: false,
      },
    });
  });
});

it('a refused opening closes with the code that says what to do next', () => {
  const code = (type: string): number => closeCodeFor(reply.frame(new HauynaError(type, 'x')));
  expect(code('unauthorized')).toBe(4001);
  expect(code('validation_error')).toBe(4000);
  expect(code('rate_limited')).toBe(4102);
  expect(code('unavailable')).toBe(4100);
  expect(code('internal_error')).toBe(4104);
  expect(code('the_app_s_own')).toBe(4003);
});
