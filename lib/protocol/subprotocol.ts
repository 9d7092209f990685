/**
 * What a v1 client says before the first frame, in the list of subprotocols: browsers can set no header, and a token
 * in a URL ends up in logs. The server answers with the dialect alone.
 */
export interface SubprotocolOffer {
  /** Credentials, as `identify` and `@OnUpgrade` see them. */
  token?: string | undefined;
  /** The private key of the session to continue. */
  resume?: string | undefined;
}

const TOKEN = 'hauyna.token.';
const RESUME = 'hauyna.resume.';

/** The subprotocols that carry an offer, to be listed behind the dialect. */
export function encodeOffer({ token, resume }: SubprotocolOffer): string[] {
  const protocols: string[] = [];
  if (token !== undefined) protocols.push(TOKEN + toBase64Url(token));
  if (resume !== undefined) protocols.push(RESUME + resume);
  return protocols;
}

/** Reads the offer from what a client listed; what cannot be read is left out. */
export function decodeOffer(protocols: Iterable<string>): SubprotocolOffer {
  const offer: SubprotocolOffer = {};
  for (const protocol of protocols) {
    if (protocol.startsWith(TOKEN)) {
      const token = fromBase64Url(protocol.slice(TOKEN.length));
      if (token !== null) offer.token = token;
    } else if (protocol.startsWith(RESUME)) {
      offer.resume = protocol.slice(RESUME.length);
    }
  }
  return offer;
}

function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): string | null {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(binary, (char) => char.charCodeAt(0)),
    );
  } catch {
    return null;
  }
}
