/** The frames the previous receiver got, and the buffer they were joined to. */
export interface SharedJoin {
  frames: readonly Buffer[];
  joined: Buffer;
}

/** Something with frames waiting for the end of the turn. */
export interface Flushable {
  /**
   * Writes what is waiting.
   *
   * @param shared what the previous receiver of this turn was given
   * @returns what the next receiver may reuse
   */
  flush(shared?: SharedJoin): SharedJoin | undefined;
}
