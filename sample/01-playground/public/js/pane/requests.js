const TIMEOUT = 10_000;

/** Thrown when the server answers a request with an error frame. */
export class Refusal extends Error {
  constructor(frame) {
    super(frame.message);
    this.frame = frame;
  }
}

/** A frame with an `id` is a request: exactly one `ack` or `error` with the same id answers it. */
export class Requests {
  #send;
  #pending = new Map();
  #next = 1;

  constructor(send) {
    this.#send = send;
  }

  /** @returns the `data` of the ack */
  request(frame) {
    const { id, promise } = this.expect(frame.type);
    if (!this.#send({ id, ...frame })) this.#settle(id, (wait) => wait.reject(new Error('not sent')));
    return promise;
  }

  /** An id to put into a frame somebody else sends, and the promise of its answer. */
  expect(label) {
    const id = `${label}-${this.#next++}`;
    const promise = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, () => reject(new Error('no answer'))), TIMEOUT);
      this.#pending.set(id, { resolve, reject, timer });
    });
    return { id, promise };
  }

  /** @returns whether the frame was an answer somebody waited for */
  take(frame) {
    if (frame.type !== 'ack' && frame.type !== 'error') return false;
    return this.#settle(frame.id, (wait) => {
      if (frame.type === 'ack') wait.resolve(frame.data);
      else wait.reject(new Refusal(frame));
    });
  }

  /** The connection is gone, and with it every answer. */
  lost() {
    for (const id of [...this.#pending.keys()])
      this.#settle(id, (wait) => wait.reject(new Error('connection lost')));
  }

  #settle(id, act) {
    const wait = this.#pending.get(id);
    if (wait === undefined) return false;
    this.#pending.delete(id);
    clearTimeout(wait.timer);
    act(wait);
    return true;
  }
}
