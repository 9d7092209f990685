/** What the client needs of `window` and `document`; none of it exists on a server. */
interface EventSource {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}
interface World extends EventSource {
  document?: EventSource & { visibilityState?: string };
}

/**
 * Calls `wake` when the network comes back or the page becomes visible again. Does nothing where those
 * events do not exist.
 *
 * @returns stops listening
 */
export function onWake(wake: () => void): () => void {
  const world = globalThis as unknown as World;
  const { document } = world;
  const visible = (): void => {
    if (document?.visibilityState === 'visible') wake();
  };
  const each = (change: 'addEventListener' | 'removeEventListener'): void => {
    world[change]?.('online', wake);
    document?.[change]?.('visibilitychange', visible);
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
