import { setTimeout as sleep } from 'node:timers/promises';
import { sourceCommand, startProgram } from '../support/child.ts';
import { fetchPage } from '../support/page.ts';
import type { ProgramResult } from '../support/world.ts';
import {
  type AppTrace,
  argumentsOf,
  createProject,
  differenceOf,
  jobOf,
  nothing,
  type Project,
  traceOf,
} from './project.ts';
import { createRandom, type Effort, type Row } from './table.ts';

const tries = 50;
/** Milliseconds by which the second job starts later. */
const longestDelay = 1_500;

/** Runs two jobs of one app at once, with random delays, and looks for half states. A row for each pair. */
export async function tryRaces(effort: Effort): Promise<Row[]> {
  await using project = await createProject({ latency: 10 });
  const expected = await referenceOf(project);
  const pairs: readonly (readonly [string, Race])[] = [
    ['review start x review start', startAgainstStart],
    ['review start x review stop', startAgainstStop],
    ['killed review start x review stop', killedStartAgainstStop],
    ['older deploy x newer deploy', olderAgainstNewer],
  ];
  const random = createRandom(effort.seed);
  const rows: Row[] = [];
  for (const [place, [what, race]] of pairs.entries()) {
    const wrong: string[] = [];
    const count = Math.max(1, Math.round(tries * effort.share));
    for (let number = 0; number < count; number += 1) {
      const app = `race${place}-${String(number).padStart(4, '0')}`;
      const delay = Math.round(random() * longestDelay);
      const problem = await race(project, { app, delay, expected });
      if (problem) wrong.push(`${problem} (second job ${delay} ms later)`);
    }
    rows.push({ part: 'races', what, tried: count, wrong });
  }
  return rows;
}

interface RaceInput {
  readonly app: string;
  readonly delay: number;
  /** What an undisturbed `review start` leaves. */
  readonly expected: AppTrace;
}

type Race = (project: Project, input: RaceInput) => Promise<string | undefined>;

async function referenceOf(project: Project): Promise<AppTrace> {
  const app = 'race9-9999';
  const { exit, stderr } = await project.run('review start', { app });
  if (exit !== 0) throw new Error(`review start fails alone:\n${stderr}`);
  return traceOf(project, app);
}

async function startAgainstStart(project: Project, { app, delay, expected }: RaceInput) {
  const both = await Promise.all([
    project.run('review start', { app }),
    later(delay, () => project.run('review start', { app })),
  ]);
  const difference = differenceOf(expected, await traceOf(project, app));
  if (both.some(({ exit }) => exit !== 0) || difference) return describe(both, difference);
  return leavesNothing(project, app);
}

async function startAgainstStop(project: Project, { app, delay, expected }: RaceInput) {
  const both = await Promise.all([
    project.run('review start', { app }),
    later(delay, () => project.run('review stop', { app, noCheckout: true })),
  ]);
  const trace = await traceOf(project, app);
  if (differenceOf(nothing, trace) && differenceOf(expected, trace)) {
    return describe(both, `half a state: ${JSON.stringify(trace)}`);
  }
  const again = await project.run('review start', { app });
  if (again.exit !== 0) return describe([...both, again], 'the branch cannot start again');
  return leavesNothing(project, app);
}

/**
 * The start is killed at any moment while the stop runs. A stop that looked before there was an app had nothing to do: the
 * next one removes what was made after that.
 */
async function killedStartAgainstStop(project: Project, { app, delay }: RaceInput) {
  const program = startProgram(sourceCommand(...argumentsOf('review start', app)), {
    cwd: project.repository.folder,
    env: jobOf(project.sandbox, { app, commit: project.commits.second, command: 'review start' }),
  });
  const killing = later(delay + (delay % 400), async () => program.child.kill('SIGKILL'));
  const stopped = await later(delay, () => project.run('review stop', { app, noCheckout: true }));
  await Promise.all([killing, program.result]);
  if (/there is no app/.test(stopped.stderr)) return leavesNothing(project, app);
  const rest = differenceOf(nothing, await traceOf(project, app));
  return stopped.exit === 0 && !rest ? undefined : describe([stopped], rest);
}

/**
 * What runs at the end is what the record on the app says: the newer commit; or the older one, where its job began so late
 * that it was a rollback, and said so.
 */
async function olderAgainstNewer(project: Project, { app, delay }: RaceInput) {
  const { base, first, second } = project.commits;
  const prepared = await project.run('deploy', { app, commit: base });
  if (prepared.exit !== 0) return describe([prepared], 'the first deploy fails');
  const both = await Promise.all([
    project.run('deploy', { app, commit: second }),
    later(delay / 10, () => project.run('deploy', { app, commit: first })),
  ]);
  const { env } = await traceOf(project, app);
  const recorded = env.find((one) => one.startsWith('DOKKU_DEPLOY_COMMIT='))?.split('=')[1];
  const served = (await fetchPage(`http://${app}.localhost:${project.sandbox.webPort}/`)).trim();
  if (recorded === second && served === 'second') return undefined;
  const isRollback = /rollback|older/i.test(both[1]?.stderr ?? '');
  if (recorded === first && served === 'first' && isRollback) return undefined;
  return describe(both, `served: ${served}; recorded: ${recorded === second ? 'second' : recorded}`);
}

async function leavesNothing(project: Project, app: string): Promise<string | undefined> {
  const stopped = await project.run('review stop', { app, noCheckout: true });
  const rest = differenceOf(nothing, await traceOf(project, app));
  return stopped.exit === 0 && !rest ? undefined : describe([stopped], rest);
}

async function later<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
  await sleep(milliseconds);
  return work();
}

function describe(results: readonly ProgramResult[], difference: string | undefined): string {
  const exits = results.map(({ exit }) => exit).join(' and ');
  const failed = results.find(({ exit }) => exit !== 0);
  const reason = failed && /dokku-deploy: (.*)/.exec(failed.stderr)?.[1];
  return `exit ${exits}; ${difference ?? 'no difference'}${reason ? `; ${reason}` : ''}`;
}
