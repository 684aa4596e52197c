import { describe, expect, test } from 'vitest';
import { spoken, sshLine } from '../../src/dokku/command.ts';
import { importConfig, setConfig } from '../../src/dokku/config.ts';
import { createService, isSameService, linkedServices, linkService } from '../../src/dokku/services.ts';

describe('the line for a command', () => {
  test.each([
    [['apps:create', 'shop'], 'apps:create shop'],
    [['config:set', 'shop', 'A=two words'], "config:set shop 'A=two words'"],
    [['config:set', 'shop', "A=it's"], "config:set shop 'A=it'\\''s'"],
    [['config:set', 'shop', 'A=$(id) `id` * ; |'], "config:set shop 'A=$(id) `id` * ; |'"],
    [['config:set', 'shop', ''], "config:set shop ''"],
    [['git:report', 'shop'], 'git:report shop'],
  ])('of %j is %s', (words, line) => {
    expect(sshLine({ words })).toBe(line);
  });

  test('has Dokku’s global flag in front', () => {
    expect(sshLine(importConfig('shop', { A: '1' }))).toBe(
      '--quiet config:import --format json --no-restart shop -',
    );
  });

  test.each([['-n'], ['-e'], ['--help'], ['--version'], ['two\nlines'], ['nul\0']])(
    'is refused for the word %j, which would not arrive',
    (word) => {
      expect(() => sshLine({ words: ['config:set', 'shop', word] })).toThrow('cannot be sent');
    },
  );

  test('of a git command is refused for a word with blanks or quotes, which Dokku would keep', () => {
    expect(() => sshLine({ words: ['git:set', 'shop', 'deploy-branch', 'my branch'] })).toThrow(
      'cannot be sent',
    );
  });
});

test('a command is spoken without what it reads', () => {
  expect(spoken(importConfig('shop', { A: { secret: 'config.A' } }))).toBe(
    '--quiet config:import --format json --no-restart shop - < {A}',
  );
});

test('values go as padded base64 words where the host cannot import them', () => {
  expect(setConfig('shop', { A: 'a', B: 'ż\n"' }).words.slice(3)).toEqual(['shop', 'A=YQ==', 'B=xbwKIg==']);
});

test('flags of the service plugins come last', () => {
  const service = { plugin: 'mysql', name: 'db' };
  expect(sshLine(linkService(service, 'shop', 'MAIN'))).toBe('mysql:link db shop --alias MAIN --no-restart');
  expect(sshLine(createService(service, { image: 'mysql', version: '8.4', customEnv: 'A=1;B=2' }))).toBe(
    "mysql:create db --image mysql --image-version 8.4 --custom-env 'A=1;B=2'",
  );
});

test('the links of an app are read from its URLs, as a real host writes them', () => {
  const linked = linkedServices({
    DATABASE_URL: 'mysql2://mysql:d10e536fe4a33d76@dokku-mysql-s-db1:3306/s_db1',
    REDIS_URL:
      'redis://:6dfc5f748e6e24030650b1990ab00739590f3111d5663e07312e6ec798a92624@dokku-redis-s-rd:6379',
    OTHER_URL: 'postgres://user:pw@db.example.com:5432/x',
    WORDS: 'see dokku-mysql-nothing:3306',
  });
  expect(linked).toEqual([
    { plugin: 'mysql', name: 's-db1' },
    { plugin: 'redis', name: 's-rd' },
  ]);
  expect(isSameService({ plugin: 'mysql', name: 's-db1' }, { plugin: 'mysql', name: 's_db1' })).toBe(true);
});
