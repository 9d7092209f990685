import { describe, expect, it } from 'vitest';
import { HauynaGateway, type HauynaOptions } from '../../lib/index.js';
import { UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const start = useApps();

const boot = (origins?: NonNullable<HauynaOptions['origins']>) =>
  start({ providers: [ChatGateway], options: origins === undefined ? {} : { origins } });

async function opens(app: TestApp, origin: string, host?: string): Promise<boolean> {
  try {
    const headers = host === undefined ? { Origin: origin } : { Origin: origin, Host: host };
    const client = await app.connect('/chat', { headers });
    await client.close();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(UpgradeError);
    expect(error).toMatchObject({
      status: 403,
      body: { message: 'Connections from this origin are not allowed.' },
    });
    return false;
  }
}

describe('Without the option', () => {
  it('pages of the same host may connect, whatever the scheme', async () => {
    const app = await boot();
    const host = 'app.example.com';
    for (const origin of [
      'https://app.example.com',
      'http://app.example.com',
      'https://APP.example.com',
      'https://app.example.com:443',
      'http://app.example.com:80',
    ]) {
      expect([origin, await opens(app, origin, host)]).toEqual([origin, true]);
    }
    expect(await opens(app, 'http://localhost:3000', 'localhost:3000')).toBe(true);
  });

  it('every other page is refused with 403 before the upgrade', async () => {
    const app = await boot();
    const host = 'app.example.com';
    for (const origin of [
      'https://evil.com',
      'https://app.example.com.evil.com',
      'https://evilapp.example.com',
      'https://example.com',
      'https://app.example.com:8443',
      'https://app.example.com.',
      'https://app.example.com@evil.com',
      'null',
      'file://',
      'not an origin',
      'https://',
    ]) {
      expect([origin, await opens(app, origin, host)]).toEqual([origin, false]);
    }
  });

  it('programs, which send no origin, may connect', async () => {
    expect((await (await boot()).connect('/chat')).isOpen).toBe(true);
  });
});

describe('With a list', () => {
  it('exactly these may connect: scheme, host and port', async () => {
    const app = await boot(['https://app.example.com', 'http://localhost:3000/']);
    for (const origin of [
      'https://app.example.com',
      'https://app.example.com:443',
      'http://localhost:3000',
    ]) {
      expect([origin, await opens(app, origin)]).toEqual([origin, true]);
    }
    for (const origin of [
      'http://app.example.com',
      'https://app.example.com:444',
      'https://sub.app.example.com',
      'http://localhost:3001',
      'http://127.0.0.1:3000',
      'null',
    ]) {
      expect([origin, await opens(app, origin)]).toEqual([origin, false]);
    }
  });

  it('the own host is not on it unless it is written there', async () => {
    const app = await boot(['https://app.example.com']);
    expect(await opens(app, app.httpUrl)).toBe(false);
  });

  it('with something that is no origin fails the boot', async () => {
    await expect(boot(['app.example.com', '*', 'https://ok.example.com'])).rejects.toThrow(
      /origins: 'app\.example\.com' is not an origin; write it like https:\/\/app\.example\.com[^]*'\*' is not/,
    );
    await expect(boot('https://app.example.com' as '*')).rejects.toThrow(
      "origins must be a list of origins, '*' or a function",
    );
  });
});

describe('With a function', () => {
  it('true lets in; it sees the origin and the request', async () => {
    const seen: unknown[] = [];
    const app = await boot((origin, request) => {
      seen.push([origin, request.query, request.url]);
      return origin.endsWith('.example.com');
    });
    expect(await opens(app, 'https://a.example.com')).toBe(true);
    expect(await opens(app, 'https://a.example.org')).toBe(false);
    expect(seen[0]).toEqual(['https://a.example.com', {}, '/chat']);
  });

  it('anything but true refuses, a promise included: it would be true for everybody', async () => {
    const app = await boot((async () => true) as unknown as () => boolean);
    expect(await opens(app, 'https://a.example.com')).toBe(false);
  });

  it('that throws refuses with 500, is logged, and the server lives on', async () => {
    const app = await boot(() => {
      throw new Error('secret');
    });
    const error: unknown = await app
      .connect('/chat', { origin: 'https://a.example.com' })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 500, body: { message: 'Internal server error' } });
    expect(JSON.stringify((error as UpgradeError).body)).not.toContain('secret');
    expect(app.logs.some(({ message }) => message === 'An upgrade failed')).toBe(true);
    expect((await app.connect('/chat')).isOpen).toBe(true);
  });
});

it("'*' lets everybody in", async () => {
  const app = await boot('*');
  for (const origin of ['https://evil.com', 'null', 'not an origin'])
    expect(await opens(app, origin)).toBe(true);
});
