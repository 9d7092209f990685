/**
 * What to log of anything that was thrown: the stack of an error, else its text. Never throws, which `String()` does for
 * objects without a prototype and for those whose `toString` or `stack` fails.
 */
export function errorText(error: unknown): string {
  try {
    return String(error instanceof Error ? (error.stack ?? error) : error);
  } catch {
    return 'something that has no text';
  }
}
