import { createHmac, timingSafeEqual } from 'node:crypto';
import { HauynaError, identifyByQuery, type Identify } from '@hauyna/nestjs';

/** How long a token that has run out still opens a connection: it may have run out while there was none, ms. */
const GRACE = 30_000;
/** What it is good for then, ms; the client renews it at once. */
const MOMENT = 500;

/** Signed tokens with an end, in a few lines; your application has its own. */
export class Tokens {
  constructor(private readonly secret: Buffer) {}

  /** @param life ms */
  issue(userId: string, life: number): string {
    const claims = Buffer.from(JSON.stringify({ userId, expiresAt: Date.now() + life })).toString(
      'base64url',
    );
    return `${claims}.${this.sign(claims)}`;
  }

  /** @throws HauynaError `unauthorized` */
  read(token: string): { userId: string; expiresAt: number } {
    const [claims = '', signature = ''] = token.split('.');
    const [given, right] = [Buffer.from(signature), Buffer.from(this.sign(claims))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      throw new HauynaError('unauthorized', 'This token was not issued here.');
    }
    const identity = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      userId: string;
      expiresAt: number;
    };
    const now = Date.now();
    if (identity.expiresAt + GRACE < now) {
      throw new HauynaError('token_expired', 'This token has run out.');
    }
    return { ...identity, expiresAt: Math.max(identity.expiresAt, now + MOMENT) };
  }

  private sign(claims: string): string {
    return createHmac('sha256', this.secret).update(claims).digest('base64url');
  }
}

/** By the token, if there is one. A WebSocket without says `?user_id=` and is believed: this is a playground. */
export function identifyByToken(tokens: Tokens): Identify {
  const byQuery = identifyByQuery('user_id');
  return (request) => (request.token === undefined ? byQuery(request) : tokens.read(request.token));
}
