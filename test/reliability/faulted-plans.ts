import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../sandbox/faults.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
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
import { type Effort, type Row, sample } from './table.ts';

/** A run whose every command meets every fault. */
interface Scenario {
  readonly name: string;
  readonly command: string;
  /** Runs before it, without a fault, e.g. the first deploy before a second. */
  readonly before: readonly { readonly command: string; readonly commit: 'first' | 'second' }[];
}

const scenarios: readonly Scenario[] = [
  { name: 'review start, new app', command: 'review start', before: [] },
  {
    name: 'review start, second push',
    command: 'review start',
    before: [{ command: 'review start', commit: 'first' }],
  },
  {
    name: 'review stop',
    command: 'review stop',
    before: [{ command: 'review start', commit: 'second' }],
  },
  { name: 'deploy, new app', command: 'deploy', before: [] },
  { name: 'deploy, second push', command: 'deploy', before: [{ command: 'deploy', commit: 'first' }] },
];

/** How a run is disturbed at one of its commands. */
type Disturbance =
  | { readonly name: string; readonly kind: 'fault'; readonly fault: Fault }
  | { readonly name: string; readonly kind: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly name: string; readonly kind: 'stalled' };

const disturbances: readonly Disturbance[] = [
  { name: 'refused', kind: 'fault', fault: answer(' !     refused by a fault\n') },
  { name: 'full disk', kind: 'fault', fault: answer('tee: write error: No space left on device\n') },
  { name: 'lost before', kind: 'fault', fault: { kind: 'drop-before' } },
  { name: 'lost after', kind: 'fault', fault: { kind: 'drop-after' } },
  { name: 'lost within the answer', kind: 'fault', fault: { kind: 'drop-during' } },
  { name: 'stalled', kind: 'stalled' },
  { name: 'SIGTERM', kind: 'signal', signal: 'SIGTERM' },
  { name: 'SIGKILL', kind: 'signal', signal: 'SIGKILL' },
];

/**
 * Disturbs every command of every plan in every way, runs the job again, and compares what the host then has with a run
 * that was never disturbed. A row for each way.
 */
export async function tryFaultedPlans(effort: Effort): Promise<Row[]> {
  await using project = await createProject();
  const cases: Case[] = [];
  for (const scenario of scenarios) {
    const { commands, trace } = await runUndisturbed(project, scenario);
    for (let index = 0; index < commands; index += 1) {
      for (const disturbance of disturbances) cases.push({ scenario, index, disturbance, expected: trace });
    }
  }
  const wrong = new Map<string, string[]>(disturbances.map(({ name }) => [name, []]));
  const tried = new Map<string, number>();
  for (const [number, one] of sample(cases, effort).entries()) {
    const { name } = one.disturbance;
    tried.set(name, (tried.get(name) ?? 0) + 1);
    const problem = await tryCase(project, one, `app-${String(number).padStart(5, '0')}`);
    if (problem) wrong.get(name)?.push(problem);
  }
  return disturbances.map(({ name }) => ({
    part: 'plan steps x faults',
    what: name,
    tried: tried.get(name) ?? 0,
    wrong: wrong.get(name) ?? [],
  }));
}

interface Case {
  readonly scenario: Scenario;
  /** Which of the run's commands, from 0. */
  readonly index: number;
  readonly disturbance: Disturbance;
  readonly expected: AppTrace;
}

function answer(stderr: string): Fault {
  return { kind: 'answer', exit: 1, stderr };
}

/** How many commands a scenario's run sends, and what it leaves on the host. */
async function runUndisturbed(
  project: Project,
  scenario: Scenario,
): Promise<{ readonly commands: number; readonly trace: AppTrace }> {
  const app = `ref-${String(scenarios.indexOf(scenario)).padStart(5, '0')}`;
  await runBefore(project, scenario, app);
  const { commands } = project.sandbox.journal;
  const sent = commands.length;
  const result = await project.run(scenario.command, { app });
  if (result.exit !== 0) throw new Error(`${scenario.name} fails without a fault:\n${result.stderr}`);
  return { commands: commands.length - sent, trace: await traceOf(project, app) };
}

async function runBefore(project: Project, { name, before }: Scenario, app: string): Promise<void> {
  for (const { command, commit } of before) {
    const result = await project.run(command, { app, commit: project.commits[commit] });
    if (result.exit !== 0) throw new Error(`${name}: ${command} fails without a fault:\n${result.stderr}`);
  }
}

/** Runs a case and says what is wrong with its end; undefined where all is well. */
async function tryCase(project: Project, one: Case, app: string): Promise<string | undefined> {
  const { scenario, index, disturbance, expected } = one;
  await runBefore(project, scenario, app);
  const { commands } = project.sandbox.journal;
  const before = commands.length;
  const slow = await runDisturbed(project, one, { app, number: before + index + 1 });
  const struck = commands[before + index]?.line.split(' ').slice(0, 2).join(' ') ?? 'no command';
  const place = `${scenario.name}, command ${index + 1} (${struck}), ${disturbance.name}`;
  if (slow !== undefined) return `${place}: ${slow}`;
  await traceOf(project, app);
  const again = await project.run(scenario.command, { app });
  const difference = differenceOf(expected, await traceOf(project, app));
  if (again.exit !== 0 || difference) {
    return `${place}: the next run exits ${again.exit}; ${difference ?? lastLine(again.stderr)}`;
  }
  return scenario.command.startsWith('review') ? leavesNothing(project, app, place) : undefined;
}

async function leavesNothing(project: Project, app: string, place: string): Promise<string | undefined> {
  const stopped = await project.run('review stop', { app, noCheckout: true });
  const rest = differenceOf(nothing, await traceOf(project, app));
  if (stopped.exit === 0 && !rest) return undefined;
  return `${place}: review stop exits ${stopped.exit}; ${rest ?? lastLine(stopped.stderr)}`;
}

interface Strike {
  readonly app: string;
  /** The number of the command among all that the host has been sent. */
  readonly number: number;
}

// A runner leaves a process six seconds after SIGTERM; a busy machine adds some.
const mayTake = 9_000;

/** Runs the scenario with its disturbance; a sentence where it did not end in time. */
async function runDisturbed(
  project: Project,
  { scenario, disturbance }: Case,
  { app, number }: Strike,
): Promise<string | undefined> {
  const { faults } = project.sandbox;
  const stop = new AbortController();
  if (disturbance.kind === 'signal' && disturbance.signal === 'SIGKILL') {
    await runKilled(project, scenario, { app, number });
    return undefined;
  }
  if (disturbance.kind === 'fault') faults.inject(number, disturbance.fault);
  if (disturbance.kind === 'signal')
    faults.inject(number, { kind: 'then', call: () => stop.abort('SIGTERM') });
  if (disturbance.kind === 'stalled') {
    faults.inject(number, { kind: 'stall' });
    setTimeout(() => stop.abort('SIGTERM'), 1_500).unref();
  }
  const stopsAt = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const running = project.run(scenario.command, { app, stop: stop.signal });
  const late = stopsAt.then(() => sleep(mayTake, 'late' as const, { ref: false }));
  return (await Promise.race([running, late])) === 'late'
    ? `still running ${mayTake / 1_000} s after SIGTERM`
    : undefined;
}

async function runKilled(project: Project, scenario: Scenario, { app, number }: Strike): Promise<void> {
  const program = startProgram(sourceCommand(...argumentsOf(scenario.command, app)), {
    cwd: project.repository.folder,
    env: jobOf(project.sandbox, { app, commit: project.commits.second, command: scenario.command }),
  });
  project.sandbox.faults.inject(number, { kind: 'then', call: () => program.child.kill('SIGKILL') });
  await program.result;
}

function lastLine(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ');
}
