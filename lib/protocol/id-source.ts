/** Where identifiers come from: connection ids and epochs. Injected, so tests can foresee them. */
export abstract class IdSource {
  /** A new identifier: unique, not guessable, safe in URLs. */
  abstract next(): string;
}
