/** Messages that wait for a connection, in order. When it is full the oldest stay and newer ones are refused. */
export class SendBuffer {
  private texts: string[] = [];

  constructor(private readonly limit: number) {}

  /** @returns whether there was room */
  add(text: string): boolean {
    if (this.texts.length >= this.limit) return false;
    this.texts.push(text);
    return true;
  }

  /**
   * Hands over what waits, until `write` refuses one; that one and the rest keep waiting.
   *
   * @returns whether nothing waits any more
   */
  flush(write: (text: string) => boolean): boolean {
    let sent = 0;
    for (const text of this.texts) {
      if (!write(text)) break;
      sent++;
    }
    this.texts.splice(0, sent);
    return this.texts.length === 0;
  }

  clear(): void {
    this.texts = [];
  }
}
