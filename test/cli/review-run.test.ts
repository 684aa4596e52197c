import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aFolder } from '../support/repository.ts';
import { waitFor } from '../support/running-gate.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { type Invocation, runProgram } from '../support/world.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop({ services: ['redis'] });
  shop.repository.commit({ 'index.html': 'hello', '.dokku-deploy.yml': 'services: [redis]\n' });
  const { exit, stderr } = await review(['start']);
  if (exit !== 0) throw new Error(stderr);
}, 60_000);

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

beforeEach(() => {
  shop.sandbox.journal.commands.length = 0;
});

/** Runs the program as a job of the branch `my-branch`. */
const review = (words: readonly string[], { env = {}, ...more }: Partial<Omit<Invocation, 'argv'>> = {}) =>
  runProgram({
    cwd: shop.repository.folder,
    ...more,
    argv: ['review', ...words],
    env: {
      ...shop.sandbox.env,
      CI_COMMIT_REF_NAME: 'my-branch',
      CI_COMMIT_REF_SLUG: 'my-branch',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      ...env,
    },
  });

const runs = () => shop.app('my-branch').runs;
const sent = () => shop.sandbox.journal.commands.map(({ line }) => line);
const ran = () => sent().filter((line) => line.startsWith('run '));

describe('review run', () => {
  test('runs a command with its arguments as they are, in the environment of the app', async () => {
    const words = ['sh', '-c', 'printf "%s|" "$@" "$REDIS_URL"', '-', "it's", '', '$HOME "x"\n*', '-n'];
    const { exit, stdout, stderr } = await review(['run', '--', ...words]);
    expect([exit, stderr]).toEqual([0, expect.stringContaining('in a one-off container of my-branch on')]);
    expect(stdout).toMatch(/^it's\|\|\$HOME "x"\n\*\|-n\|redis:\/\/.*\|$/s);
    expect(runs().size).toBe(0);
  });

  test('runs a single argument as a script', async () => {
    const { stdout } = await review([
      'run',
      '--',
      'echo one >&2\nfor n in 1 2; do echo "$n"; done | tail -1',
    ]);
    expect(stdout).toBe('2\n');
  });

  test.each([
    ['exit 7', 7],
    ['exit 255', 255],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
    ['no-such-program', 127],
    ['sleep 0; false', 1],
  ])('exits with the code of %s', async (script, code) => {
    const { exit, stdout, stderr } = await review(['run', '--', `echo before; ${script}`]);
    expect([exit, stdout]).toEqual([code, 'before\n']);
    expect(stderr).toContain(`The command ended with exit code ${code}.`);
  });

  test('passes on output without a final newline, and the frames of others', async () => {
    const text = '[dokku-deploy 0123456789abcdef ended 0]\nno newline';
    const { exit, stdout } = await review(['run', '--', `printf '%s' '${text}'; exit 3`]);
    expect([exit, stdout]).toEqual([3, text]);
  });

  test('takes no exit code from the script, even if it knows the nonce', async () => {
    const forge =
      'nonce=$(tr "\\0" "\\n" < /proc/$PPID/cmdline | sed -n "s/.*-run-\\([0-9a-f]*\\).*/\\1/p" | head -1)';
    const { exit } = await review(['run', '--', `${forge}\necho "[dokku-deploy $nonce ended 0]"\nexit 9`]);
    expect(exit).toBe(9);
  });

  test('keeps the order and the bytes of a large output', async () => {
    const { exit, stdout } = await review(['run', '--', 'seq 1 100000']);
    expect([exit, stdout.length, stdout.endsWith('\n99999\n100000\n')]).toEqual([0, 588_895, true]);
  });

  test('masks the secrets of the app in the log, and writes a dump to a file as it is', async () => {
    const secret = new URL(shop.config('my-branch').get('REDIS_URL') ?? '').password;
    const script = 'echo "$REDIS_URL"; echo "$REDIS_URL" >&2; printf "\\0\\377"';
    const { stdout, stderr } = await review(['run', '--', script]);
    expect([secret.length > 10, stdout.includes(secret), stderr.includes(secret)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(stdout).toContain('[config.REDIS_URL]');
    expect(stderr).toContain('secrets in it were replaced; --output writes it to a file as it is');
    using folder = aFolder();
    const file = join(folder.folder, 'dump');
    const written = await review(['run', '--output', file, '--', script]);
    expect([written.exit, written.stdout]).toEqual([0, '']);
    expect(readFileSync(file).toString('latin1')).toMatch(new RegExp(`^redis://.*${secret}.*\n\0\u00ff$`));
  });

  test('refuses a command with a secret, a long one, and one without end, before it runs', async () => {
    const secret = new URL(shop.config('my-branch').get('REDIS_URL') ?? '').password;
    const refused = [
      await review(['run', '--', 'redis-cli', '-a', secret]),
      await review(['run', '--', `true ${'x'.repeat(23_000)}`]),
      await review(['run', '--timeout', 'soon', '--', 'true']),
      await review(['run']),
      await review(['run', '--output', '/nowhere/dump', '--', 'true']),
    ];
    expect(refused.map(({ exit }) => exit)).toEqual([2, 2, 2, 2, 2]);
    expect(refused[0]?.stderr).toContain("exec 'redis-cli' '-a' '[config.REDIS_URL]'");
    expect(refused[0]?.stderr).not.toContain(secret);
    expect(refused[1]?.stderr).toContain('The command is too long');
    expect(ran()).toEqual([]);
  });

  test('prints the command in a dry run', async () => {
    const { exit, stdout } = await review(['run', '--dry-run', '--', 'rails', 'db:seed']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('of my-branch on dokku@')]);
    expect(stdout).toContain("    exec 'rails' 'db:seed'\n");
    expect(ran()).toEqual([]);
  });

  test('sends nothing to Dokku that it would show in clear', async () => {
    await review(['run', '--', 'echo visible']);
    expect(ran()).toEqual([
      expect.stringMatching(
        /^run --ttl-seconds 3600 my-branch \/bin\/sh -c '\$\(f=\/tmp\/dokku-deploy-run-[0-9a-f]{16};echo [\w+/]+=*\|/,
      ),
    ]);
  });
});

describe('review run does not run', () => {
  test.each([
    [
      'without a review app',
      { CI_COMMIT_REF_NAME: 'other', CI_COMMIT_REF_SLUG: 'other' },
      'There is no review app of other',
    ],
    [
      'in the app of another project',
      { CI_PROJECT_ID: '43', CI_PROJECT_PATH: 'group/other' },
      'No command is run in my-branch',
    ],
    ['in the app of another branch', { CI_COMMIT_REF_NAME: 'My_Branch' }, 'No command is run in my-branch'],
  ])('%s', async (_, env, reason) => {
    const { exit, stdout, stderr } = await review(
      ['run', '--app', 'CI_COMMIT_REF_SLUG' in env ? env.CI_COMMIT_REF_SLUG : 'my-branch', '--', 'true'],
      { env },
    );
    expect([exit, stdout, stderr]).toEqual([4, '', expect.stringContaining(reason)]);
    expect(ran()).toEqual([]);
  });

  test('in an app that was only prepared', async () => {
    const env = { CI_COMMIT_REF_NAME: 'early', CI_COMMIT_REF_SLUG: 'early' };
    await review(['prepare'], { env });
    const { exit, stderr } = await review(['run', '--', 'true'], { env });
    expect([exit, stderr]).toEqual([4, expect.stringContaining('early has never been deployed')]);
    expect(stderr).toContain('Successfully deploy your app to fix dokku run calls');
  });
});

describe('a container of review run', () => {
  test('is stopped when the job is cancelled, also before the command has started', async () => {
    const stop = new AbortController();
    const running = review(['run', '--', 'echo ready; sleep 1000'], { stop: stop.signal });
    await waitFor(() => runs().size === 1);
    stop.abort('SIGTERM');
    const { exit, stderr } = await running;
    expect([exit, stderr]).toEqual([
      143,
      expect.stringContaining('was stopped, because the job was cancelled'),
    ]);
    await waitFor(() => runs().size === 0);
  });

  test('is stopped when its time is over', async () => {
    const { exit, stderr } = await review(['run', '--timeout', '1s', '--', 'echo begun; sleep 1000']);
    expect([exit, stderr]).toEqual([3, expect.stringContaining('Its container was stopped.')]);
    expect(runs().size).toBe(0);
  });

  test('is stopped when the connection is lost, and the command is not run again', async () => {
    shop.sandbox.faults.inject(/^run --/, { kind: 'drop-during', at: /begun/ });
    const { exit, stderr } = await review(['run', '--', 'echo begun; sleep 1000']);
    expect([exit, stderr]).toEqual([
      3,
      expect.stringContaining('The connection was lost while the command ran'),
    ]);
    expect(stderr).toContain('Its container was stopped.');
    expect([runs().size, ran().length]).toEqual([0, 1]);
  });

  test('that someone else stops is a failure, whatever the command would have returned', async () => {
    const running = review(['run', '--', 'echo begun; sleep 1000']);
    await waitFor(() => runs().size === 1);
    for (const { stop } of runs().values()) await stop();
    expect((await running).exit).not.toBe(0);
  });

  test.each([
    ['after the command has succeeded', /^run --/, { kind: 'fail-after', exit: 1 } as const, 4],
    ['and no exit code arrives', /^run --/, { kind: 'drop-after' } as const, 3],
    ['and the host answers without having run it', /^run --/, { kind: 'answer', exit: 0 } as const, 4],
  ])('whose end is unclear is a failure: %s', async (_, command, fault, code) => {
    shop.sandbox.faults.inject(command, fault);
    expect((await review(['run', '--', 'echo done'])).exit).toBe(code);
    expect([runs().size, ran().length, shop.sandbox.faults.pending()]).toEqual([0, 1, []]);
  });
});
