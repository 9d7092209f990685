export type ClientState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** A change of the connection. `code` and `reason` say why, `attempt` and `delay` (ms) when the next attempt comes. */
export interface StateChange {
  from: ClientState;
  to: ClientState;
  code?: number;
  reason?: string;
  attempt?: number;
  delay?: number;
}

export interface LinkEvents {
  /** In `connected` the server has said welcome: frames can be sent. */
  state(change: StateChange): void;
  /** Any frame but those the link deals with itself. */
  frame(frame: Record<string, unknown>): void;
  latency(ms: number): void;
}
