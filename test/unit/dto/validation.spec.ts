import { IsInt, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bodyProblem } from '../../../lib/dto/body-check.js';
import { HauynaValidationPipe, validatedForm } from '../../../lib/dto/hauyna-validation.pipe.js';
import { isStandardSchema, schemaIssues } from '../../../lib/dto/standard-schema.js';
import { hasRules, validateClass } from '../../../lib/dto/validate-class.js';
import { validationError } from '../../../lib/dto/validation-issues.js';

class Inner {
  @IsInt()
  n: number;
}
class Outer {
  @IsString()
  text: string;

  @ValidateNested()
  @Type(() => Inner)
  inner: Inner;
}
class Child extends Outer {}
class Bare {
  text: string;
}

describe('validateClass', () => {
  it('makes an instance, nested ones too', async () => {
    const made = await validateClass(Outer, { text: 'a', inner: { n: 1 } }, true);
    expect(made).toBeInstanceOf(Outer);
    expect(made.inner).toBeInstanceOf(Inner);
  });

  it.each([[null], [undefined], ['text'], [7], [[]], [true]])(
    'refuses %j with a path of its own',
    async (value) => {
      await expect(validateClass(Outer, value, true)).rejects.toMatchObject({
        type: 'validation_error',
        details: [{ path: '', messages: ['must be an object'] }],
      });
    },
  );

  it('takes objects without a prototype, which class-validator alone does not', async () => {
    const value = Object.assign(Object.create(null) as object, { text: 'a', inner: { n: 1 } });
    await expect(validateClass(Outer, value, true)).resolves.toBeInstanceOf(Outer);
  });

  it('refuses keys without a rule when it is strict, else leaves them out', async () => {
    const value = { text: 'a', inner: { n: 1 }, more: 1 };
    await expect(validateClass(Outer, value, true)).rejects.toMatchObject({ details: [{ path: 'more' }] });
    expect(await validateClass(Outer, value, false)).not.toHaveProperty('more');
    expect(value).toHaveProperty('more');
  });

  it('names nested fields with a dotted path, and tells no values', async () => {
    const error: unknown = await validateClass(Outer, { text: 1, inner: { n: 'secret' } }, true).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ details: [{ path: 'text' }, { path: 'inner.n' }] });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('knows inherited rules', () => {
    expect([hasRules(Outer), hasRules(Child), hasRules(Bare)]).toEqual([true, true, false]);
  });
});

describe('bodyProblem', () => {
  it('is nothing for what can be checked', () => {
    for (const type of [Outer, Child, String, Number, Boolean])
      expect(bodyProblem(type, undefined)).toBeNull();
    expect(bodyProblem(Array, z.array(z.string()))).toBeNull();
  });

  it('says why for what cannot', () => {
    for (const type of [Object, undefined, Array, Bare, Symbol('x'), null]) {
      expect(bodyProblem(type, undefined)).toEqual(expect.any(String));
    }
    expect(bodyProblem(Outer, {})).toContain('no Standard Schema');
  });
});

describe('HauynaValidationPipe', () => {
  const pipe = new HauynaValidationPipe();

  it('leaves alone what is not its own: custom parameters, types without rules', async () => {
    expect(await pipe.transform('x', { type: 'custom', metatype: Outer })).toBe('x');
    const value = { any: 1 };
    expect(await pipe.transform(value, { type: 'body', metatype: Bare })).toBe(value);
    expect(await pipe.transform(value, { type: 'body', metatype: undefined })).toBe(value);
  });

  it('remembers what a message has become, without leaving a trace on it', async () => {
    const value = { text: 'a', inner: { n: 1 } };
    const made = await pipe.transform(value, { type: 'body', metatype: Outer });
    expect(validatedForm(value)).toBe(made);
    expect(JSON.stringify(value)).toBe('{"text":"a","inner":{"n":1}}');
    expect(validatedForm({ other: 1 })).toEqual({ other: 1 });
    expect([validatedForm('x'), validatedForm(null)]).toEqual(['x', null]);
  });

  it('is strict with bodies, and lenient with the query of an upgrade', async () => {
    const value = { text: 'a', inner: { n: 1 }, more: 1 };
    await expect(pipe.transform(value, { type: 'body', metatype: Outer })).rejects.toThrow('more');
    expect(await pipe.transform(value, { type: 'query', metatype: Outer })).not.toHaveProperty('more');
  });
});

describe('Standard Schema', () => {
  it('is recognised by its shape', () => {
    expect([
      isStandardSchema(z.string()),
      isStandardSchema({}),
      isStandardSchema(null),
      isStandardSchema('x'),
    ]).toEqual([true, false, false, false]);
  });

  it('issues of one field are one entry; path parts may be keys or objects', () => {
    const issues = [
      { message: 'a', path: ['x', { key: 0 }] },
      { message: 'b', path: ['x', 0] },
      { message: 'c' },
    ];
    expect(schemaIssues(issues)).toEqual([
      { path: 'x.0', messages: ['a', 'b'] },
      { path: '', messages: ['c'] },
    ]);
  });
});

it('the text of the error names the fields once', () => {
  const { message } = validationError([
    { path: 'text', messages: ['text must be a string'] },
    { path: 'a.b', messages: ['must be c'] },
    { path: '', messages: ['must be an object'] },
  ]);
  expect(message).toBe('The message is not valid: text must be a string; a.b: must be c; must be an object.');
});
