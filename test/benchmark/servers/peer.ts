import type { Server } from 'node:http';

/** What every server under test gives to the process that measures it. */
export interface Peer {
  /** Its HTTP server, listening. */
  server: Server;
  /** Sends one message to everybody who connected with `channel=room`. */
  publish(data: Message): unknown;
}

/** What is fanned out; the same object for every peer. */
export interface Message {
  seq: number;
  text: string;
}

/** The query every client connects with. */
export function queryOf(url: string | undefined): URLSearchParams {
  return new URL(url ?? '/', 'ws://localhost').searchParams;
}
