import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';
import { connectTo, runOver } from '../support/ssh.ts';

let shop: Shop;
const token = 'a-s3cret-t0ken';

/** Runs commands of an operator, who has made the app by hand. */
const byHand = async (...lines: string[]): Promise<void> => {
  const client = await connectTo(shop.sandbox);
  for (const line of lines) {
    const { exit, stderr } = await runOver(client, line);
    if (exit !== 0) throw new Error(`${line}: ${stderr}`);
  }
  client.end();
};

beforeAll(async () => {
  shop = await aShop({ services: ['redis'] });
  await byHand(
    'apps:create shop',
    `config:set --no-restart shop API_TOKEN=${token} RAILS_ENV=production PRICE='$5' PATH=/app/bin`,
    'domains:set shop example.com www.example.com',
    'ps:scale --skip-deploy shop web=2 worker=1',
    'redis:create shop_jobs',
    'redis:link shop_jobs shop --no-restart',
    'redis:create shop-redis',
    'redis:link shop-redis shop --alias CACHE --no-restart',
  );
});

afterAll(() => shop[Symbol.asyncDispose]());

describe('dokku-deploy import', () => {
  test('prints the block of an app that was made by hand, with secrets as variables', async () => {
    const { exit, stdout } = await shop.runOutside('import shop');
    expect(exit).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[1]).toMatch(/^# Set these variables in GitLab, .* API_TOKEN, APP_PATH, PRICE$/);
    expect(lines.filter((line) => !line.startsWith('#')).join('\n')).toBe(
      [
        'environments:',
        '  production:',
        '    app: shop',
        '    services:',
        '      - type: redis',
        '        name: shop-redis',
        '        as: CACHE',
        '      - type: redis',
        '        name: shop_jobs',
        '    env:',
        '      API_TOKEN: $API_TOKEN',
        '      PATH: $APP_PATH',
        '      PRICE: $PRICE',
        '      RAILS_ENV: production',
        '    domains:',
        '      - example.com',
        '      - www.example.com',
        '    scale:',
        '      web: 2',
        '      worker: 1',
        '',
      ].join('\n'),
    );
    expect(stdout).not.toContain(token);
  });

  test('leaves out options and buildpacks in which an operator has put a password or token', async () => {
    await byHand(
      'apps:create tools',
      `docker-options:add tools build '--build-arg NPM_AUTH=${token}'`,
      `buildpacks:add tools https://oauth2:${token}@git.example.com/buildpack.git`,
      'apps:create tools-2',
      "docker-options:add tools-2 build '--build-arg NODE_ENV=production'",
    );
    const { exit, stdout } = await shop.runOutside('import tools');
    expect([exit, stdout]).toEqual([0, expect.not.stringContaining(token)]);
    expect(stdout).toContain('# docker_options is left out, and stays as it is on the host');
    expect(stdout).toContain('# buildpacks is left out');
    expect((await shop.runOutside('import tools-2')).stdout).toContain('NODE_ENV=production');
  });

  test('describes the app so that a deploy finds nothing to configure', async () => {
    shop.repository.commit({ 'index.html': 'hello', Procfile: 'web: serve\nworker: work\n' });
    expect((await shop.run('import shop --output .dokku-deploy.yml')).exit).toBe(0);
    const env = { API_TOKEN: token, PRICE: '$5', APP_PATH: '/app/bin' };
    expect((await shop.run('validate', env)).exit).toBe(0);
    const diff = await shop.run('config diff production', env);
    expect(diff).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^shop on \S+ is as declared\.\n$/),
    });
    const { stdout } = await shop.run('deploy production --dry-run --format json', env);
    const { steps } = JSON.parse(stdout) as { steps: { id: string }[] };
    const changing = steps.map(({ id }) => id).filter((id) => /create|redis|link|domains|scale/.test(id));
    expect(changing).toEqual([]);
  });

  test('overwrites no file', async () => {
    const file = join(shop.repository.folder, 'mine.yml');
    writeFileSync(file, 'mine');
    const { exit, stderr } = await shop.run('import shop --output mine.yml');
    expect([exit, stderr]).toEqual([
      2,
      expect.stringContaining('mine.yml was not written: the file exists.'),
    ]);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test.each([
    ['import shopp', 4, 'Did you mean shop?'],
    ['import Sh/op', 2, 'import: "Sh/op" may have only'],
    ['import', 2, "missing required argument 'app'"],
    ['import shop --environment a:b', 2, '--environment: "a:b" is not the name of an environment'],
    ['import shop --host https://x', 2, '--host: "https://x" is a URL, but not an ssh:// one'],
  ])('%s is refused with exit %i', async (words, code, message) => {
    const { exit, stderr, stdout } = await shop.runOutside(words);
    expect([exit, stderr, stdout]).toEqual([code, expect.stringContaining(message), '']);
  });
});

test('dokku-deploy import fails with exit 4 if the host prints anything but the configuration', async () => {
  shop.sandbox.faults.inject(/config:export/, { kind: 'answer', exit: 0, stdout: 'Welcome to Ubuntu' });
  const { exit, stderr, stdout } = await shop.runOutside('import shop');
  expect([exit, stderr, stdout]).toEqual([4, expect.stringContaining('is not JSON'), '']);
});

describe('dokku-deploy config diff', () => {
  const yml = [
    'services: [{type: redis, name: shop_jobs}, {type: redis, name: other, as: OTHER}]',
    'env: {API_TOKEN: $API_TOKEN, RAILS_ENV: staging, NEW: $NEW_SECRET}',
    'domains: [example.com]',
    'environments: {production: {app: shop}}',
  ].join('\n');

  test('prints each difference, secrets by name, and changes nothing', async () => {
    writeFileSync(join(shop.repository.folder, '.dokku-deploy.yml'), yml);
    const before = shop.sandbox.journal.commands.length;
    const env = { API_TOKEN: 'an0ther-t0ken', NEW_SECRET: 'n3w-s3cret' };
    const { exit, stdout } = await shop.run('config diff production --exit-code', env);
    expect([exit, stdout.split('\n').slice(1)]).toEqual([
      10,
      [
        '  services: not linked → redis:other',
        '  env.API_TOKEN: another value → [config.API_TOKEN]',
        '  env.RAILS_ENV: production → staging',
        '  env.NEW: not set → [config.NEW]',
        '  domains: example.com, www.example.com → example.com',
        '',
      ],
    ]);
    const sent = shop.sandbox.journal.commands.slice(before).map(({ line }) => line);
    expect(sent.filter((line) => /:(set|import|create|link|unset)\b/.test(line))).toEqual([]);
  });

  test('prints JSON, and exits with 0 unless it is asked otherwise', async () => {
    const env = { API_TOKEN: token, NEW_SECRET: 'n3w-s3cret' };
    const { exit, stdout } = await shop.run('config diff production --format json', env);
    const diff = JSON.parse(stdout) as { app: string; differences: { key: string }[] };
    expect([exit, diff.app, diff.differences.map(({ key }) => key)]).toEqual([
      0,
      'shop',
      ['services', 'env.RAILS_ENV', 'env.NEW', 'domains'],
    ]);
  });

  test.each([
    ['config diff', 2, 'Name one: dokku-deploy config diff production.'],
    ['config diff prod', 2, '"prod" is not declared'],
    ['config diff production --app none', 4, 'none'],
    ['config dif', 2, 'unknown command'],
  ])('%s is refused with exit %i', async (words, code, message) => {
    const { exit, stderr } = await shop.run(words, { API_TOKEN: token, NEW_SECRET: 'x' });
    expect([exit, stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(existsSync(join(shop.repository.folder, 'deploy.json'))).toBe(false);
  });
});
