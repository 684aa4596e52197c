import { describe, expect, test } from 'vitest';
import { buildSshLine, commandInput, displayCommand } from '../../src/dokku/command.ts';
import { importConfig, setConfig } from '../../src/dokku/config.ts';
import { createService, findLinkedServices, isSameService, linkService } from '../../src/dokku/services.ts';
import { Secret } from '../../src/secret.ts';

const service = { plugin: 'mysql', name: 'db' };

const vault = new Map(
  Object.entries({ 'config.A': 'hunter2', 'service.db.CERT': 'one\ntwo' }).map(([name, value]) => [
    name,
    new Secret(name, value),
  ]),
);

describe('the line for a command', () => {
  test.each([
    [['apps:create', 'shop'], 'apps:create shop'],
    [['config:set', 'shop', 'A=two words'], "config:set shop 'A=two words'"],
    [['config:set', 'shop', "A=it's"], "config:set shop 'A=it'\\''s'"],
    [['config:set', 'shop', 'A=$(id) `id` * ; |'], "config:set shop 'A=$(id) `id` * ; |'"],
    [['config:set', 'shop', ''], "config:set shop ''"],
    [['git:report', 'shop'], 'git:report shop'],
  ])('of %j is %s', (words, line) => {
    expect(buildSshLine({ words }, vault)).toBe(line);
  });

  test('starts with Dokku’s global flag', () => {
    expect(buildSshLine(importConfig('shop', { A: '1' }), vault)).toBe(
      '--quiet config:import --format json --no-restart shop -',
    );
  });

  test.each([['-n'], ['-e'], ['--help'], ['--version'], ['two\nlines'], ['nul\0']])(
    'is refused for the word %j, which would not arrive unchanged',
    (word) => {
      expect(() => buildSshLine({ words: ['config:set', 'shop', word] }, vault)).toThrow('cannot be sent');
    },
  );

  test('of a git command is refused for a word with spaces or quotes, which Dokku would not remove', () => {
    expect(() => buildSshLine({ words: ['git:set', 'shop', 'deploy-branch', 'my branch'] }, vault)).toThrow(
      'cannot be sent',
    );
  });

  test('with a secret that would not arrive unchanged is refused by an error that contains none of it', () => {
    const command = createService(service, { env: { CERT: { secret: 'service.db.CERT' } } });
    expect(() => buildSshLine(command, vault)).toThrow(
      new Error('word 3 of mysql:create cannot be sent to Dokku as it is'),
    );
  });
});

test('a displayed command names the keys of its standard input, not the values', () => {
  expect(displayCommand(importConfig('shop', { A: { secret: 'config.A' } }))).toBe(
    '--quiet config:import --format json --no-restart shop - < {A}',
  );
});

test('where the host lacks config:import, values are sent as padded base64 words and displayed by name', () => {
  const command = setConfig('shop', { A: { secret: 'config.A' }, B: 'ż\n"' });
  expect(buildSshLine(command, vault)).toBe(
    '--quiet config:set --no-restart --encoded shop A=aHVudGVyMg== B=xbwKIg==',
  );
  expect(displayCommand(command)).toBe('--quiet config:set --no-restart --encoded shop A=[config.A] B=ż\n"');
});

test('the environment of a service is one word, revealed when it is sent and displayed by name', () => {
  const command = createService(service, { env: { A: { secret: 'config.A' }, B: 'two words' } });
  expect(buildSshLine(command, vault)).toBe("mysql:create db --custom-env 'A=hunter2;B=two words'");
  expect(displayCommand(command)).toBe('mysql:create db --custom-env A=[config.A];B=two words');
});

test('a secret that the vault lacks is a bug', () => {
  const command = setConfig('shop', { A: { secret: 'config.NONE' } });
  expect(() => buildSshLine(command, vault)).toThrow('the plan names the secret config.NONE');
});

test('flags of the service plugins come last', () => {
  expect(buildSshLine(linkService(service, 'shop', 'MAIN'), vault)).toBe(
    'mysql:link db shop --alias MAIN --no-restart',
  );
  expect(
    buildSshLine(createService(service, { image: 'mysql', version: '8.4', env: { A: '1' } }), vault),
  ).toBe('mysql:create db --image mysql --image-version 8.4 --custom-env A=1');
});

test('the links of an app are read from its URLs as a real host writes them', () => {
  const linked = findLinkedServices(
    new Map(
      Object.entries({
        DATABASE_URL: 'mysql2://mysql:d10e536fe4a33d76@dokku-mysql-s-db1:3306/s_db1',
        REDIS_URL:
          'redis://:6dfc5f748e6e24030650b1990ab00739590f3111d5663e07312e6ec798a92624@dokku-redis-s-rd:6379',
        OTHER_URL: 'postgres://user:pw@db.example.com:5432/x',
        WORDS: 'see dokku-mysql-nothing:3306',
        MEMCACHED_URL: 'memcached://dokku-memcached-s-mc:11211',
        CONSTRUCTOR: 'x',
      }),
    ),
  );
  expect(linked).toEqual([
    { plugin: 'mysql', name: 's-db1' },
    { plugin: 'redis', name: 's-rd' },
    { plugin: 'memcached', name: 's-mc' },
  ]);
  expect(isSameService({ plugin: 'mysql', name: 's-db1' }, { plugin: 'mysql', name: 's_db1' })).toBe(true);
});

describe('a command with an archive', () => {
  const command = {
    words: ['certs:add', 'shop'],
    archive: { 'server.crt': 'public', 'server.key': { secret: 'config.A' } },
  };

  test('is displayed with the names of its files and secrets, without their contents', () => {
    expect(displayCommand(command)).toBe('certs:add shop < tar(server.crt, server.key = [config.A])');
  });

  test('sends the contents as a tar archive, and only there', () => {
    expect(Buffer.from(commandInput(command, vault) ?? '').toString()).toContain('hunter2');
    expect(buildSshLine(command, vault)).toBe('certs:add shop');
  });
});

test('a word that is a secret is sent as it is, and displayed by its name', () => {
  const command = { words: ['http-auth:add-user', 'shop', 'team', { secret: 'config.A' }] };
  expect(buildSshLine(command, vault)).toBe('http-auth:add-user shop team hunter2');
  expect(displayCommand(command)).toBe('http-auth:add-user shop team [config.A]');
});
