import { connect } from 'node:net';

/** What a server wrote until it ended the connection, or until it had written the head of a 101. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The lines of a correct upgrade request, some replaced; `null` leaves one out. */
export function upgradeLines(
  path: string,
  headers: Record<string, string | null> = {},
  requestLine = `GET ${path} HTTP/1.1`,
): string[] {
  const all: Record<string, string | null> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return [requestLine, ...lines];
}

/** Sends text to a port as it is and reads the answer. @param body sent after the empty line */
export function sendRaw(url: string, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const finish = (): void => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (/^HTTP\/1\.1 101 [^]*\r\n\r\n/.test(text)) finish();
    });
    socket.on('end', finish);
    socket.on('close', finish);
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}
