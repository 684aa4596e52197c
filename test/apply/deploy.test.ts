import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { performShip } from '../../src/apply/deploy.ts';
import type { DeployOptions } from '../../src/apply/deploy-types.ts';
import type { Source } from '../../src/context/context.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { DeployError } from '../../src/errors.ts';
import type { ShipStep } from '../../src/plan/plan.ts';
import { ship } from '../../src/source/ship.ts';
import type { Host } from '../../src/ssh/host.ts';
import { receivingHost } from '../support/git-host.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

let repository: TestRepository;

beforeAll(() => {
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
});

afterAll(() => repository[Symbol.dispose]());

const step: ShipStep = {
  kind: 'ship',
  id: 'deploy',
  title: 'Deploy shop',
  needs: [],
  repeat: 'the host has the commit, or it does not',
  app: 'shop',
  branch: 'master',
  commit: undefined,
  rebuild: false,
  waitSeconds: 60,
  running: { revision: undefined, record: undefined },
  checkFirst: true,
  superseded: 'fail',
};

const free: CommandResult = { kind: 'refused', exit: 1, stdout: '', stderr: '' };
const locked: CommandResult = { kind: 'answered', stdout: '', stderr: '' };

const deployed =
  'echo "-----> Building shop from Dockerfile"; echo "=====> Application deployed:"; echo "       http://shop.test"';
// The pause lets the line before it go out.
const cutOff = 'sleep 0.2; kill -9 $PPID';
/** The n-th push runs the n-th of these scripts, and every later one the last. */
const inTurn = (...scripts: string[]): string =>
  scripts
    .map((script, index) => `[ -e push-${index} ] || { touch push-${index}; ${script}; exit; }`)
    .join('\n');

/** Whether a command is of the look that precedes every push. */
const isLook = (line: string): boolean => /^(builds:list|config:export|apps:report) /.test(line);

interface Shown {
  readonly came: unknown;
  readonly told: string[];
  /** The commands, without those of the look before each push. */
  readonly asked: string[];
  readonly pushes: number;
}

/** Returns these values in turn, and the last one again and again. */
const nextOf = (values: readonly Record<string, string>[]) => {
  let at = 0;
  return (): Record<string, string> => values[Math.min(at++, values.length - 1)] ?? {};
};

/** Ships to an app whose pre-receive hook is this script. The clock moves only with pauses and `took`. */
const shipTo = async (
  hook: string,
  {
    answers = [],
    took = 0,
    stopAt,
    waitSeconds = 60,
    rebuilds,
    isKnown = rebuilds !== undefined,
    reports = () => '',
    configs = [],
    readConfig = nextOf(configs),
    builds = [],
    step: changes = {},
    source: known = {},
    host: more = {},
  }: {
    readonly answers?: readonly CommandResult[];
    /** Milliseconds that pass with each line that the host prints. */
    readonly took?: number;
    /** Stops the run when the host prints this, or when it is asked this. */
    readonly stopAt?: RegExp;
    readonly waitSeconds?: number;
    /** The host already has the commit, and prints these lines at each ps:rebuild. */
    readonly rebuilds?: readonly (readonly [words: readonly string[], outcome: CommandResult])[];
    /** Whether the host already has the commit. */
    readonly isKnown?: boolean;
    /** The host's answer to apps:report, given what its deploy branch is at. */
    readonly reports?: (revision: string) => string;
    /** Its answers to config:export; the last one is repeated. */
    readonly configs?: readonly Record<string, string>[];
    /** The same, given the host's repository. */
    readonly readConfig?: (bare: TestRepository) => Record<string, string>;
    /** Its answers to builds:list; then no build is running. */
    readonly builds?: readonly CommandResult[];
    readonly step?: Partial<ShipStep>;
    readonly source?: Partial<Source>;
    readonly host?: Partial<Host>;
  } = {},
): Promise<Shown> => {
  using bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  const opening = receivingHost(join(bare.folder, '.git'));
  const source = makeSource(repository, known);
  if (isKnown)
    await ship({ host: opening, app: 'shop', branch: 'master', source, childEnv, onLine: () => {} });
  mkdirSync(join(bare.folder, '.git/hooks'), { recursive: true });
  writeFileSync(join(bare.folder, '.git/hooks/pre-receive'), `#!/bin/sh\n${hook}\n`);
  chmodSync(join(bare.folder, '.git/hooks/pre-receive'), 0o755);
  const stop = new AbortController();
  const told: string[] = [];
  const asked: string[] = [];
  const rest = [...answers];
  const built = [...(rebuilds ?? [])];
  const listed = [...builds];
  let clock = 1_000_000;
  const heed = (text: string): void => {
    if (stopAt?.test(text)) stop.abort('SIGTERM');
  };
  const options: DeployOptions = {
    host: {
      ...opening,
      ask: async ({ line, onLine }) => {
        if (!isLook(line)) asked.push(line);
        heed(line);
        if (line.startsWith('ps:rebuild')) {
          const [words, outcome] = built.shift() ?? [[], free];
          for (const word of words) onLine?.(word);
          return outcome;
        }
        if (line.startsWith('builds:list')) return listed.shift() ?? { ...locked, stdout: '[]' };
        if (line.startsWith('config:export')) return { ...locked, stdout: JSON.stringify(readConfig(bare)) };
        if (line.startsWith('apps:report'))
          return {
            ...locked,
            stdout: reports(bare.git('for-each-ref', '--format=%(objectname)', 'refs/heads/master')),
          };
        if (line.startsWith('git:report'))
          return { ...locked, stdout: `       Git sha:  ${bare.git('rev-parse', 'master')}\n` };
        if (line.startsWith('urls')) return { ...locked, stdout: 'http://asked.test\n' };
        return line.startsWith('builds:') ? locked : (rest.shift() ?? free);
      },
      ...more,
    },
    vault: new Map(),
    now: () => {
      clock += 1;
      return clock;
    },
    sleep: async (milliseconds) => {
      clock += milliseconds;
    },
    sleepThroughStop: () => new Promise(() => {}),
    stop: stop.signal,
    source,
    childEnv,
    onLine: (line) => {
      clock += took;
      told.push(line);
      heed(line);
    },
    checkApp: async () => {},
    onWait: (message) => told.push(`... ${message}`),
    warn: (message) => told.push(`warning: ${message}`),
  };
  const performed = { ...step, waitSeconds, rebuild: isKnown, ...changes };
  const came = await performShip(performed, options).catch((error: unknown) => error);
  return { came, told, asked, pushes: opening.lines.length };
};

describe('a lost connection', () => {
  test('ends the run after the third push', async () => {
    const { came, pushes, asked } = await shipTo(`echo "-----> Cleaning up..."; ${cutOff}`);
    expect(came).toMatchObject({
      code: 'host-not-reached',
      message: 'The connection was lost three times while shipping to shop.',
    });
    expect([pushes, asked]).toEqual([3, ['apps:locked shop', 'apps:locked shop']]);
  });

  test('is retried when nothing was sent yet, as for any command', async () => {
    let opened = 0;
    const { came } = await shipTo(deployed, {
      host: {
        open: async () => {
          opened += 1;
          throw new DeployError('host-not-reached', { message: 'gone' });
        },
      },
    });
    expect([came, opened]).toMatchObject([{ code: 'host-not-reached', message: 'gone' }, 3]);
  });

  test('leaves our own deploy running, which gets the full wait from then on', async () => {
    const { came, told } = await shipTo(inTurn(`echo "-----> Cleaning up..."; ${cutOff}`, deployed), {
      took: 3_600_000,
      answers: [locked, locked, free],
    });
    expect(came).toMatchObject({ urls: ['http://shop.test'], shipped: true });
    expect(told.slice(0, 2)).toEqual([
      '-----> Cleaning up...',
      '... lost the connection while shop was being deployed: waiting up to 60 s for that deploy to end',
    ]);
  });

  test('says so when our own deploy outlasts the wait', async () => {
    const { came } = await shipTo(`echo "-----> Cleaning up..."; ${cutOff}`, {
      answers: Array.from({ length: 30 }, () => locked),
    });
    expect(came).toMatchObject({
      code: 'busy',
      message:
        'The connection was lost while shop was being deployed, and that deploy is still running after 60 s.',
    });
  });
});

/** What `apps:report` prints after a deploy of this revision. */
const reportOf = (revision: string): string =>
  `=====> shop app information\n       App deploy source:               git-push\n       App deploy source metadata:      ${revision}\n`;

describe('a push whose output and status contradict each other', () => {
  const building = 'echo "-----> Building shop from Dockerfile"';
  const block = 'echo "=====> Application deployed:"; echo "       http://forged.test"';

  test('counts as deployed if the host reports its revision as the last deploy', async () => {
    const { came, asked } = await shipTo(building, { reports: reportOf });
    expect(came).toMatchObject({ urls: ['http://asked.test'], shipped: true });
    expect(asked).toEqual(['urls shop']);
  });

  test('counts as failed if the host reports another revision', async () => {
    const { came } = await shipTo(building, { reports: () => reportOf('a'.repeat(40)) });
    expect(came).toMatchObject({ code: 'not-deployed' });
  });

  test('counts as failed if the hook declined it after a closing block that the host does not confirm', async () => {
    const { came } = await shipTo(`${building}; ${block}; exit 1`);
    expect(came).toMatchObject({ code: 'not-deployed', message: 'The host did not deploy shop.' });
  });

  test('counts as failed if only an app printed the closing block', async () => {
    const script = `${building}; printf '       \\r=====> Application deployed:\\n       \\r       http://forged.test\\n'`;
    const { came } = await shipTo(`${script}; echo " !     Execution of predeploy task failed: x"; exit 1`);
    expect(came).toMatchObject({ code: 'release-failed' });
  });

  test('counts as deployed if only git refused the ref, after a deploy', async () => {
    const moved = 'git update-ref refs/heads/master $(git commit-tree -m x $(git mktree </dev/null))';
    const env = 'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a';
    const { came } = await shipTo(`${deployed}; unset GIT_QUARANTINE_PATH; ${env}; ${moved}`);
    expect(came).toMatchObject({
      urls: ['http://shop.test'],
      warning: expect.stringContaining('the host did not store the commit (failed to update ref)'),
    });
  });
});

const busy = 'echo " !     shop currently has a deploy lock in place. Exiting..."; exit 1';

describe('another deploy of the app', () => {
  test('is waited for with pauses and a deadline when it refuses every push without a visible lock', async () => {
    const { came, pushes } = await shipTo(busy);
    expect(came).toMatchObject({
      code: 'busy',
      message: 'Another deploy of shop is still running after 60 s.',
    });
    expect(pushes).toBeLessThan(15);
  });

  test.each([
    ['refused our push', /deploy lock in place/],
    ['is waited for', /^apps:locked/],
  ])('is not cancelled by a stop while it %s', async (_, stopAt) => {
    const { came, asked } = await shipTo(busy, { stopAt, answers: [locked, locked] });
    expect(came).toMatchObject({ code: 'terminated' });
    expect(asked.filter((line) => line.startsWith('builds:'))).toEqual([]);
  });
});

describe('a stop cancels our own build', () => {
  test.each([
    ['that has begun', `echo "-----> Cleaning up..."; exit 1`, /Cleaning/],
    [
      'that begins after the stop',
      `echo "Resolving deltas: 100%"; echo "-----> Cleaning up..."; exit 1`,
      /deltas/,
    ],
    ['after a lost connection', `echo "-----> Cleaning up..."; ${cutOff}`, /^apps:locked/],
  ])('%s', async (_, hook, stopAt) => {
    const { came, asked, told } = await shipTo(hook, { stopAt, answers: [locked, locked] });
    expect(came).toMatchObject({ code: 'terminated' });
    expect(asked.filter((line) => line.startsWith('builds:'))).toEqual(['builds:cancel shop']);
    expect(told.at(-1)).toBe('warning: stopped: the build of shop was cancelled on the host');
  });
});

describe('a rebuild', () => {
  const done = [
    '-----> Building shop from Dockerfile',
    '=====> Application deployed:',
    '       http://shop.test',
  ];

  test('keeps the colours of the host’s output, as a push does', async () => {
    const coloured = '\u001b[1m-----> Building shop\u001b[0m';
    const { came, told } = await shipTo('', { rebuilds: [[[coloured, ...done], locked]] });
    expect(came).toMatchObject({
      urls: ['http://shop.test'],
      detail: 'rebuilt: the host already has the commit',
    });
    expect(told).toEqual([coloured, ...done]);
  });

  test('that continues after a lost connection is recognised as ours', async () => {
    const gone: CommandResult = { kind: 'not-reached', reason: 'The connection was lost.', sent: true };
    const busyWords = [' !     shop currently has a deploy lock in place. Exiting...'];
    const { came, told } = await shipTo('', {
      answers: [locked, free],
      rebuilds: [
        [['-----> Cleaning up...'], gone],
        [busyWords, free],
        [done, locked],
      ],
    });
    expect(came).toMatchObject({ urls: ['http://shop.test'] });
    expect(told[2]).toBe(
      '... lost the connection while shop was being deployed: waiting up to 60 s for that deploy to end',
    );
  });
});

describe('another job that deploys while this one waits', () => {
  const others = 'f'.repeat(40);
  const day = (date: string): string => `2026-11-${date}T12:00:00.000Z`;
  const source = { commit: '0123456789'.repeat(4), committedAt: day('02') };
  const recordOf = (date: string) => ({
    DOKKU_DEPLOY_COMMIT: others,
    DOKKU_DEPLOY_COMMITTED_AT: day(date),
    DOKKU_DEPLOY_REVISION: 'a'.repeat(40),
    DOKKU_DEPLOY_URL: 'http://others.test',
  });
  const reports = () => reportOf('a'.repeat(40));
  const hasPushed = ({ told }: Shown) => told.includes('-----> Building shop from Dockerfile');

  beforeAll(() => {
    const commit = repository.git('rev-parse', 'HEAD');
    Object.assign(source, { commit });
  });

  test('supersedes it with a newer commit: nothing is pushed', async () => {
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('03')] });
    expect([shown.came, hasPushed(shown)]).toMatchObject([
      {
        code: 'superseded',
        message: expect.stringMatching(/another one deployed ffffffff to shop, which is newer/),
      },
      false,
    ]);
  });

  test('supersedes it without a failure, if the job accepts that', async () => {
    const shown = await shipTo(deployed, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { superseded: 'ok' },
    });
    expect(shown.came).toMatchObject({
      shipped: false,
      supersededBy: others,
      urls: ['http://others.test'],
      warning: expect.stringContaining('superseded'),
    });
    expect(shown.came).not.toHaveProperty('record');
    expect(hasPushed(shown)).toBe(false);
  });

  test('does not supersede it with an older commit', async () => {
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('01')] });
    expect([shown.came, hasPushed(shown)]).toMatchObject([{ shipped: true }, true]);
  });

  test('is given time to record its commit', async () => {
    const configs = [{}, {}, {}, recordOf('03')];
    const shown = await shipTo(deployed, { source, reports, configs });
    expect(shown.came).toMatchObject({ code: 'superseded' });
    expect(shown.told).toEqual([
      '... another job has just deployed shop: waiting for the record of its commit',
    ]);
  });

  test('cannot be compared if it leaves no record, which is a warning', async () => {
    const shown = await shipTo(deployed, { source, reports });
    expect([shown.came, hasPushed(shown)]).toMatchObject([{ shipped: true }, true]);
    expect(shown.told).toContain(
      "warning: shop was deployed in the meantime, without a record of the commit: it cannot be compared with this job's",
    );
  });

  test('is not compared again with what ran when this job began', async () => {
    const running = { revision: 'a'.repeat(40), record: undefined };
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('03')], step: { running } });
    expect(shown.came).toMatchObject({ shipped: true });
  });

  test('is waited for before anything is pushed, for a refused push breaks the host’s cancel', async () => {
    const running: CommandResult = { kind: 'answered', stdout: '[{"id":"x"}]', stderr: '' };
    const shown = await shipTo(deployed, { source, builds: [running] });
    expect(shown.came).toMatchObject({ shipped: true });
    expect(shown.told[0]).toBe('... another deploy of shop is running: waiting up to 60 s');
  });

  /** Another job's push that ends while this one is built: it moves the branch. */
  const otherPush = [
    'unset GIT_QUARANTINE_PATH',
    'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a',
    'git update-ref refs/heads/master $(git commit-tree -m x $(git mktree </dev/null))',
  ].join('; ');

  test.each([
    ['newer', '03', { code: 'superseded' }, ['ps:rebuild shop']],
    ['older', '01', { shipped: true, warning: expect.stringContaining('did not store the commit') }, []],
  ])('that ends while this one is sent is restored only if it is newer: %s', async (_, date, came, asked) => {
    const shown = await shipTo(`${deployed}; ${otherPush}`, {
      source,
      readConfig: (bare) => {
        const revision = bare.git('for-each-ref', '--format=%(objectname)', 'refs/heads/master');
        return revision === '' ? {} : { ...recordOf(date), DOKKU_DEPLOY_REVISION: revision };
      },
      rebuilds: [
        [
          ['-----> Building shop from Dockerfile', '=====> Application deployed:', '       http://shop.test'],
          locked,
        ],
      ],
      isKnown: false,
    });
    expect([shown.came, shown.asked.filter((line) => !line.startsWith('git:report'))]).toMatchObject([
      came,
      asked,
    ]);
  });

  test('is not looked for when the host was observed just before', async () => {
    const shown = await shipTo(deployed, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { checkFirst: false },
    });
    expect(shown.came).toMatchObject({ shipped: true });
  });

  test('is looked for after a wait, however fresh the first look was', async () => {
    const shown = await shipTo(`[ -e waited ] && { ${deployed}; exit; }; touch waited; ${busy}`, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { checkFirst: false },
    });
    expect(shown.came).toMatchObject({ code: 'superseded' });
  });

  test('is not asked about on a host that cannot list its builds', async () => {
    const unknown: CommandResult = {
      kind: 'refused',
      exit: 1,
      stdout: '',
      stderr: ' !     `builds:list` is not a dokku command.',
    };
    const shown = await shipTo(deployed, { source, builds: [unknown] });
    expect([shown.came, shown.asked]).toMatchObject([{ shipped: true }, []]);
  });
});

test('a deploy’s result names what to record', async () => {
  const commit = repository.git('rev-parse', 'HEAD');
  const committedAt = '2026-11-02T12:00:00.000Z';
  const { came } = await shipTo(deployed, { source: { commit, committedAt } });
  expect(came).toMatchObject({
    record: {
      commit,
      committedAt,
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      url: 'http://shop.test',
    },
  });
});
