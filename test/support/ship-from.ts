import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { performShip } from '../../src/apply/deploy.ts';
import type { DeployOptions } from '../../src/apply/deploy-types.ts';
import type { Source } from '../../src/context/context.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { RunningVersion } from '../../src/plan/deploy-record.ts';
import type { ShipStep } from '../../src/plan/plan.ts';
import { ship } from '../../src/source/ship.ts';
import type { Host } from '../../src/ssh/host.ts';
import { receivingHost } from './git-host.ts';
import { aRepository, type TestRepository } from './repository.ts';
import { childEnv, makeSource } from './source.ts';

const step: ShipStep = {
  kind: 'ship',
  id: 'deploy',
  title: 'Deploy shop',
  needs: [],
  repeat: 'the host has the commit, or it does not',
  app: 'shop',
  shipment: { kind: 'commit' },
  branch: 'master',
  commit: undefined,
  rebuild: false,
  waitSeconds: 60,
  running: { revision: undefined, attempted: undefined, record: undefined },
  probes: false,
  checkFirst: true,
  superseded: 'fail',
};

/** An answer of the host. */
export const answered = (stdout: string): CommandResult => ({ kind: 'answered', stdout, stderr: '' });

/** Answers to builds:list. */
export const running: CommandResult = { kind: 'answered', stdout: '[{"id":"x"}]', stderr: '' };
export const none: CommandResult = { kind: 'answered', stdout: '[]', stderr: '' };

/** Answers to apps:locked. */
export const free: CommandResult = { kind: 'refused', exit: 1, stdout: '', stderr: '' };
export const locked: CommandResult = { kind: 'answered', stdout: '', stderr: '' };

/** Scripts for the host's hook. */
export const deployed =
  'echo "-----> Building shop from Dockerfile"; echo "=====> Application deployed:"; echo "       http://shop.test"';
// The pause lets the line before it go out.
export const cutOff = 'sleep 0.2; kill -9 $PPID';
/** The n-th push runs the n-th of these scripts, and every later one the last. */
export const inTurn = (...scripts: string[]): string =>
  scripts
    .map((script, index) => `[ -e push-${index} ] || { touch push-${index}; ${script}; exit; }`)
    .join('\n');

/** A hook that refuses, as Dokku does while another deploy runs. */
export const busy = 'echo " !     shop currently has a deploy lock in place. Exiting..."; exit 1';

/** What `apps:report` prints after a deploy of this revision. */
export const reportOf = (revision: string): string =>
  `=====> shop app information\n       App deploy source:               git-push\n       App deploy source metadata:      ${revision}\n`;

/** Whether a command is of the look that precedes every push. */
const isLook = (line: string): boolean => /^(builds:list|config:export|apps:report) /.test(line);

/** What came of a deploy. */
export interface Shown {
  /** The result, or the error. */
  readonly came: unknown;
  /** What was logged: the host's lines, `... ` waits and `warning: `. */
  readonly told: string[];
  /** The commands, without those of the look before each push. */
  readonly asked: string[];
  /** How often receive-pack was opened. */
  readonly pushes: number;
}

/** Returns these values in turn, and the last one again and again. */
const nextOf = (values: readonly Record<string, string>[]) => {
  let at = 0;
  return (): Record<string, string> => values[Math.min(at++, values.length - 1)] ?? {};
};

/** What a test says about a deploy and its host. */
export interface ShipQuery {
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
  /** What ran when the host was observed, given what its deploy branch is at. */
  readonly running?: (revision: string) => RunningVersion;
  /** The host's answer to enter. */
  readonly entered?: CommandResult;
  /** Turns the host's command into a script of its own. */
  readonly wrap?: (command: string) => string;
  readonly source?: Partial<Source>;
  readonly host?: Partial<Host>;
  /** Throws if the app must not be deployed to. */
  readonly checkApp?: DeployOptions['checkApp'];
}

/** Gives the tests of a file a repository with one commit: a function that ships it (`shipFrom`), and one that returns the commit's id. */
export function useShop() {
  let repository: TestRepository;
  beforeAll(() => {
    repository = aRepository();
    repository.commit({ 'index.html': 'hello' });
  });
  afterAll(() => repository[Symbol.dispose]());
  return {
    shipTo: (hook: string, query?: ShipQuery) => shipFrom(repository, hook, query),
    head: () => repository.git('rev-parse', 'HEAD'),
  };
}

/** Returns a sleep whose sleepers wake up in the order of their times, however slow the machine is. */
function createSleep(): (milliseconds: number) => Promise<void> {
  const sleepers: { readonly time: number; readonly wake: () => void }[] = [];
  let now = 0;
  let isWaking = false;
  const wakeAll = async (): Promise<void> => {
    isWaking = true;
    while (sleepers.length > 0) {
      await sleep(5);
      sleepers.sort((one, other) => one.time - other.time);
      const next = sleepers.shift();
      now = next?.time ?? now;
      next?.wake();
      // Whoever sleeps again must be in the list before the next one is chosen.
      await sleep(0);
    }
    isWaking = false;
  };
  return (milliseconds) =>
    new Promise((wake) => {
      sleepers.push({ time: now + milliseconds, wake });
      if (!isWaking) void wakeAll();
    });
}

/** Ships a repository's commit to an app whose pre-receive hook is this script. The clock moves only with pauses and `took`. */
export const shipFrom = async (
  repository: TestRepository,
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
    running: makeRunning,
    wrap,
    entered,
    source: known = {},
    host: more = {},
    checkApp = async () => {},
  }: ShipQuery = {},
): Promise<Shown> => {
  using bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  const opening = receivingHost(join(bare.folder, '.git'), wrap);
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
        if (line.startsWith('enter')) return entered ?? free;
        if (line.startsWith('git:report'))
          return { ...locked, stdout: `       Git sha:  ${bare.git('rev-parse', 'master')}\n` };
        if (line.startsWith('urls')) return { ...locked, stdout: 'http://asked.test\n' };
        return /^(builds:|--quiet config:)/.test(line) ? locked : (rest.shift() ?? free);
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
    sleepThroughStop: createSleep(),
    stop: stop.signal,
    source,
    childEnv,
    onLine: (line) => {
      clock += took;
      told.push(line);
      heed(line);
    },
    isProxied: false,
    isHostLocal: true,
    onWait: (message) => told.push(`... ${message}`),
    onProgress: () => {},
    checkApp,
    checkAppAgain: async () => {},
    warn: (message) => told.push(`warning: ${message}`),
  };
  const seen = makeRunning && { running: makeRunning(bare.git('rev-parse', 'master')) };
  const performed = { ...step, waitSeconds, rebuild: isKnown, ...seen, ...changes };
  const came = await performShip(performed, options).catch((error: unknown) => error);
  return { came, told, asked, pushes: opening.lines.length };
};
