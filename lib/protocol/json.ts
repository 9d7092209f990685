/** Any value JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object: the shape of metadata, criteria and DTO payloads. */
export type JsonObject = { [key: string]: JsonValue };

/**
 * JSON text that is ready for the wire. A payload is serialised once, when it enters the system, and
 * travels as text from there on: nobody can change it afterwards and no receiver pays for it again.
 */
export type JsonText = string & { readonly __jsonText: unique symbol };

/**
 * Serialises a value for the wire.
 *
 * @returns the JSON text, or `null` when the value has no JSON form (`undefined`, a function, a symbol).
 * @throws whatever `JSON.stringify` or a `toJSON` of the value throws (circular references, BigInt …).
 */
export function toJsonText(value: unknown): JsonText | null {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? null : (text as JsonText);
}

/** Whether the value is a JSON object (not `null`, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map as an object without prototype, so that keys like `__proto__` stay plain keys. */
export function recordOf<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [key, value] of map) record[key] = value;
  return record;
}

/** Deep equality of JSON values; key order does not matter. */
export function jsonEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => jsonEqual(item, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}

/** A deep copy of a JSON value; a fraction of the price of `structuredClone`. */
export function cloneJson<T extends JsonValue>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = cloneJson(value[key] as JsonValue);
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true });
    else copy[key] = item;
  }
  return copy as T;
}
