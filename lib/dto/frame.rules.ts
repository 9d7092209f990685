import { ValidateBy, type ValidationArguments } from 'class-validator';
import { isJsonObject } from '../protocol/json.js';
import { nameProblem } from '../protocol/names.js';

/** A name of a channel, group or user. */
export function IsName(): PropertyDecorator {
  return ValidateBy({
    name: 'isName',
    validator: {
      validate: (value: unknown) => nameProblem(value) === null,
      defaultMessage: (args?: ValidationArguments) =>
        `${args?.property ?? 'name'} ${nameProblem(args?.value) ?? ''}`,
    },
  });
}

/** The field is there; `null` is a value like any other. */
export function IsGiven(): PropertyDecorator {
  return ValidateBy({
    name: 'isGiven',
    validator: {
      validate: (value: unknown) => value !== undefined,
      defaultMessage: (args?: ValidationArguments) => `${args?.property ?? 'field'} is required`,
    },
  });
}

/** A position in a stream: `{ offset, epoch }`. */
export function IsPosition(): PropertyDecorator {
  return ValidateBy({
    name: 'isPosition',
    validator: {
      validate: isPosition,
      defaultMessage: () => 'since must be { offset, epoch }: a whole number from 0 and text',
    },
  });
}

/** A position, or `{ last: n }`. */
export function IsSince(): PropertyDecorator {
  return ValidateBy({
    name: 'isSince',
    validator: {
      validate: (value: unknown) => isPosition(value) || isLast(value),
      defaultMessage: () => 'since must be { offset, epoch } or { last } with a whole number from 1',
    },
  });
}

/** Contexts of presence; a client that could set them could enter what it is not allowed to. */
export const SERVER_METADATA_KEYS = ['channel', 'group'] as const;

/** Metadata without the keys the server sets. */
export function IsClientMetadata(): PropertyDecorator {
  const taken = (value: unknown): string | undefined =>
    isJsonObject(value) ? SERVER_METADATA_KEYS.find((key) => Object.hasOwn(value, key)) : undefined;
  return ValidateBy({
    name: 'isClientMetadata',
    validator: {
      validate: (value: unknown) => taken(value) === undefined,
      defaultMessage: (args?: ValidationArguments) =>
        `metadata.${taken(args?.value) ?? ''} is set by the server; leave it out`,
    },
  });
}

function isPosition(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { offset, epoch } = value;
  return (
    Number.isSafeInteger(offset) &&
    (offset as number) >= 0 &&
    typeof epoch === 'string' &&
    epoch.length <= 128
  );
}

function isLast(value: unknown): boolean {
  return isJsonObject(value) && Number.isSafeInteger(value['last']) && (value['last'] as number) >= 1;
}
