import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Put together here, so that this file does not hold them itself. */
const FORBIDDEN: ReadonlyArray<readonly [string, RegExp]> = [
  ['a note to self', new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`)],
  [
    'a folder of somebody’s machine',
    new RegExp(`(^|[\\s"'\`(=:])/(${['wo' + 'rk', 'ro' + 'ot', 'Us' + 'ers'].join('|')})/\\w`, 'm'),
  ],
  [
    'a test that is left out or alone',
    new RegExp(`\\b(it|test|describe)\\.(${['on' + 'ly', 'sk' + 'ip'].join('|')})\\(`),
  ],
  ['a merge that was never finished', /^(<{7}|>{7}) /m],
];

const tracked = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    cwd: repository,
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter(
    (file) => file !== '' && !file.endsWith('package-lock.json') && !/\.(png|ico|gif|jpg|svg)$/.test(file),
  );

describe('the text of the repository', () => {
  it('is read here at all', () => {
    expect(tracked.length).toBeGreaterThan(100);
  });

  for (const [what, pattern] of FORBIDDEN) {
    it(`holds no trace of ${what}`, () => {
      const found = tracked.filter((file) => pattern.test(read(file)));
      expect(found).toEqual([]);
    });
  }
});

/** A file that was deleted but not committed yet has no text. */
function read(file: string): string {
  try {
    return readFileSync(join(repository, file), 'utf8');
  } catch {
    return '';
  }
}
