import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';
import { runProgram } from '../support/world.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop({ services: ['redis'] });
  shop.repository.commit({
    'index.html': 'hello',
    'app.json': '{"env": {"TOKEN": {"generator": "secret"}}}',
    '.dokku-deploy.yml': 'services: [redis]\nenv: {STAGE: review}\nsource: {image_archive: $IMAGE}\n',
  });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const run = (
  words: string,
  ref: string,
  more: Readonly<Record<string, string>> = {},
  stop = new AbortController().signal,
) =>
  runProgram({
    argv: ['review', ...words.split(' ')],
    cwd: shop.repository.folder,
    stop,
    env: {
      ...shop.sandbox.env,
      CI_COMMIT_REF_NAME: ref,
      CI_COMMIT_REF_SLUG: ref,
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      ...more,
    },
  });

/** The commands that a run sent and that changed something. */
const writesDuring = async (act: () => Promise<unknown>): Promise<string[]> => {
  const before = shop.sandbox.journal.commands.length;
  await act();
  const lines = shop.sandbox.journal.commands.slice(before).map(({ line }) => line);
  return lines.filter((line) => /:(create|import|set|link|unset|destroy)|git-receive-pack/.test(line));
};

const useFiles = (more = '') =>
  shop.repository.commit({ '.dokku-deploy.yml': `services: [redis]\nenv: {STAGE: review}\n${more}` });

const hasService = (name: string) => shop.sandbox.state.services.get('redis')?.has(name) === true;

describe('review prepare', () => {
  test('creates the app and its services, and needs no image yet', async () => {
    const { exit, stdout, stderr } = await run('prepare --format json', 'early');
    expect(exit, stderr).toBe(0);
    expect(JSON.parse(stdout).result).toEqual({
      kind: 'prepared',
      services: ['redis:early-redis'],
      changed: true,
    });
    expect(Object.fromEntries(shop.config('early'))).toMatchObject({
      STAGE: 'review',
      REDIS_URL: expect.any(String),
    });
    expect(shop.app('early').deployed).toBeFalsy();
  });

  test('changes nothing the second time, and review start only ships then', async () => {
    useFiles();
    expect((await run('prepare', 'fix')).stderr).toContain('The app is ready to be deployed.');
    expect(await writesDuring(() => run('prepare', 'fix'))).toEqual([]);
    const started = await writesDuring(async () => expect((await run('start', 'fix')).exit).toBe(0));
    expect(started.filter((line) => !line.startsWith('--quiet config:import'))).toEqual([
      expect.stringMatching(/^git-receive-pack/),
    ]);
  });

  test('leaves an app alone that is deployed: review start makes its changes, and builds it again', async () => {
    const more = { DOKKU_ENV_ADDED: 'later' };
    expect(await writesDuring(() => run('prepare', 'fix', more))).toEqual([]);
    expect((await run('start', 'fix', more)).stderr).toContain('Configure fix: ADDED');
  });

  test('twice at once leaves one app with one service', async () => {
    const [first, second] = await Promise.all([run('prepare', 'twin'), run('prepare', 'twin')]);
    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(await writesDuring(() => run('prepare', 'twin'))).toEqual([]);
    expect(hasService('twin-redis')).toBe(true);
  });

  test.each([/config:import/, /^redis:create/])(
    'that is stopped after %s is completed by the next one',
    async (command) => {
      const ref = `half-${String(command).replace(/\W/g, '')}`;
      const stop = new AbortController();
      shop.sandbox.faults.inject(command, { kind: 'then', call: () => stop.abort('SIGTERM') });
      expect((await run('prepare', ref, {}, stop.signal)).exit).toBe(143);
      expect((await run('prepare', ref)).exit).toBe(0);
      expect(await writesDuring(() => run('prepare', ref))).toEqual([]);
      expect(hasService(`${ref}-redis`)).toBe(true);
    },
  );

  test('refuses the app of another project', async () => {
    const { exit, stderr } = await run('prepare', 'twin', {
      CI_PROJECT_ID: '7',
      CI_PROJECT_PATH: 'other/shop',
    });
    expect([exit, stderr]).toEqual([
      4,
      expect.stringContaining('is the review app of twin in the project group/shop'),
    ]);
  });

  test('applies the settings that a deploy needs, and leaves domains to review start', async () => {
    useFiles('domains: [$APP.example.com]\nchecks: {wait_to_retire: 5}\n');
    for (const exit of [(await run('prepare', 'set')).exit, (await run('prepare', 'set')).exit])
      expect(exit).toBe(0);
    expect(await writesDuring(() => run('prepare', 'set'))).toEqual([]);
    const { properties, domains } = shop.app('set');
    expect([properties.get('checks.wait-to-retire'), domains]).toEqual(['5', ['set.localhost']]);
    expect((await run('start', 'set')).exit).toBe(0);
    expect(shop.app('set').domains).toEqual(['set.example.com']);
    expect((await run('start --dry-run', 'set')).stdout).not.toMatch(/Set |Configure|Mark /);
  });

  test('is undone by review stop, also if review start never ran', async () => {
    expect((await run('stop', 'twin')).exit).toBe(0);
    expect([shop.sandbox.state.apps.has('twin'), hasService('twin-redis')]).toEqual([false, false]);
  });
});
