const PULSE = 'pulse';
/** Ten messages a second. */
const PACE = 100;
const RETRY = 500;

/** The channel of numbers: the bot counts there, and this client does, too, while there is traffic. */
export class Traffic {
  #channel;
  #score;
  #timed;
  #run = crypto.randomUUID();
  #n = 0;
  #timer;

  /** @param timed does something and takes its time */
  constructor(client, score, timed) {
    this.#channel = client.channel(PULSE);
    this.#score = score;
    this.#timed = timed;
    for (const event of ['count', 'message']) this.#channel.on(event, ({ run, n }) => score.take(run, n));
    void this.#channel.subscribe({ timeout: Infinity });
  }

  get channel() {
    return this.#channel;
  }

  switch(on) {
    clearInterval(this.#timer);
    if (on) this.#timer = setInterval(() => void this.#send((this.#n += 1)), PACE);
  }

  /** Without a connection it waits for one. What is repeated has the same id, so nobody gets it twice. */
  async #send(n) {
    const options = { id: `${this.#run} ${n}`, timeout: 60_000 };
    try {
      await this.#timed(() => this.#channel.publish({ run: this.#run, n }, options));
      this.#score.accepted(this.#run, n);
    } catch (error) {
      if (error.retryable) setTimeout(() => void this.#send(n), RETRY);
    }
  }
}
