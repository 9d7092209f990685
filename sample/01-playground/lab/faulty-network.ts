import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { FaultyLine, type Faults } from './faulty-line.js';

const NONE: Faults = { delay: 0, loss: 0 };

/**
 * A bad network between the server and its users, for the panel "Break it". It stands in for the wire and is made of plain
 * sockets: the library knows nothing of it, and an application has nothing like it.
 */
export class FaultyNetwork {
  private readonly lines = new Map<string, Set<FaultyLine>>();
  private readonly broken = new Map<string, Faults>();

  /** Every WebSocket of this server goes over this network from now on. */
  stretchOver(server: Server): void {
    server.prependListener('upgrade', ({ url = '/' }, socket) => {
      const user = new URL(url, 'http://page').searchParams.get('user_id');
      if (user !== null) this.add(user, new FaultyLine(socket as Socket, () => this.of(user)));
    });
  }

  faults(): Record<string, Faults> {
    return Object.fromEntries(this.broken);
  }

  break(user: string, faults: Faults): Faults {
    if (faults.delay === 0 && faults.loss === 0) this.broken.delete(user);
    else this.broken.set(user, faults);
    return this.of(user);
  }

  /**
   * The lines a user has now carry nothing any more, in either direction, and nobody is told. Another connection gets
   * another line, as after a change from Wi-Fi to mobile. @returns how many lines there were
   */
  freeze(user: string, ms: number): number {
    const lines = this.lines.get(user) ?? new Set();
    for (const line of lines) line.freeze(ms);
    return lines.size;
  }

  private of(user: string): Faults {
    return this.broken.get(user) ?? NONE;
  }

  private add(user: string, line: FaultyLine): void {
    const lines = this.lines.get(user) ?? new Set();
    this.lines.set(user, lines.add(line));
    line.socket.once('close', () => {
      lines.delete(line);
      if (lines.size === 0 && this.lines.get(user) === lines) this.lines.delete(user);
    });
  }
}
