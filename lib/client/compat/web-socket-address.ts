/** Where to connect. A function is asked again for every attempt, so that a token in the URL is always fresh. */
export type WebSocketAddress = string | URL | (() => string | URL | Promise<string | URL>);

/** @throws TypeError for anything that is no address */
export function checkAddress(address: WebSocketAddress): WebSocketAddress {
  if (typeof address !== 'function') addressText(address);
  return address;
}

/** @throws TypeError for anything but text or a URL; both must be present */
export function addressText(address: unknown): string {
  // Not `instanceof URL`: the class is missing in some runtimes and differs between realms.
  const text =
    typeof address === 'object' && address !== null ? (address as { href?: unknown }).href : address;
  if (typeof text === 'string' && text !== '') return text;
  throw new TypeError('The url of a WebSocketClient must be text, a URL or a function that returns one.');
}
