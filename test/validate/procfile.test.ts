import { describe, expect, test } from 'vitest';
import { parseProcfile } from '../../sandbox/host/procfile.ts';
import { checkProcfile } from '../../src/validate/procfile.ts';

const check = (text: string) => checkProcfile({ path: 'Procfile', text });

describe('a Procfile', () => {
  test.each([
    ['web: npm start\nworker:  node worker.js # comment\n'],
    ['# comment\n\n// another\n  release : rake db:migrate\n'],
    ['web: npm start\r\nworker_2: x\r\n'],
    [`${'a'.repeat(63)}: x`],
  ])('%j is valid, here and on the host', (text) => {
    expect(parseProcfile(text)).not.toBeInstanceOf(Error);
    expect(check(text)).toEqual([]);
  });

  test.each([
    ['', 'Procfile', 'the file has no processes'],
    ['# web: npm start\n', 'Procfile', 'the file has no processes'],
    ['web: npm start\n  npm run work\n', 'Procfile:2:3', 'not a process: Dokku would refuse the whole file'],
    ['web:\n', 'Procfile:1:1', 'not a process: Dokku would refuse the whole file'],
    ['web: a\nweb: b\n', 'Procfile:2:1', 'web is in line 1, too'],
    ['web: # later\n', 'Procfile:1:1', 'web has a comment instead of a command'],
    [`${'a'.repeat(64)}: x`, 'Procfile:1:1', 'the name has more than 63 characters'],
  ])('%j is refused, here and on the host', (text, where, message) => {
    expect(parseProcfile(text)).toBeInstanceOf(Error);
    expect(check(text)).toEqual([{ where, message, remedy: expect.stringMatching(/\.|: npm start$/) }]);
  });

  test('all wrong lines are reported', () => {
    expect(check('a\nb\nweb: x\nc').map(({ where }) => where)).toEqual([
      'Procfile:1:1',
      'Procfile:2:1',
      'Procfile:4:1',
    ]);
  });
});
