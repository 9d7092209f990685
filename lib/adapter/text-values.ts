/**
 * Named texts of a client. Without Object's prototype a name like `constructor` is only a name; made by a constructor it is
 * an object the engine lays out well, where `Object.create(null)` would be a hash table for every connection.
 */
export const TextValues = function TextValues() {
  // Nothing to set.
} as unknown as new () => Record<string, string>;
TextValues.prototype = Object.create(null) as Record<string, string>;
