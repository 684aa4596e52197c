import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, listFaults } from '../../sandbox/faults.ts';
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
import { type Scenario, scenarios } from './scenarios.ts';
import { type Effort, type Row, sample } from './table.ts';

/** How a run is disturbed at one of its commands: by a fault of the host, or by a signal after the command. */
type Disturbance =
  | { readonly name: string; readonly fault: Fault }
  | { readonly name: string; readonly signal: 'SIGTERM' | 'SIGKILL' };

/** A run of a scenario that is disturbed at a command. */
interface Case {
  readonly scenario: Scenario;
  /** Matches the command's line for an app. */
  readonly lineFor: (app: string) => RegExp;
  /** Where the command stands in the undisturbed run, for people. */
  readonly place: string;
  readonly disturbance: Disturbance;
  /** What an undisturbed run leaves. */
  readonly expected: AppTrace;
}

/** How a case ended. */
interface Outcome {
  readonly kind: string;
  /** What is wrong with its end; undefined if all is well. */
  readonly problem: string | undefined;
  /** The host lost the owner's mark together with the app's configuration, and the next run refused the app by name. */
  readonly isUnmarked: boolean;
}

/**
 * Returns how many cases run at once. They mostly wait: for a host that has stalled, or before a connection is tried again.
 */
function countWorkers({ share }: Effort): number {
  return share < 0.1 ? 2 : 6;
}

/**
 * Disturbs every command of every plan in every way, runs the job again, and compares what the host then has with a run
 * that was never disturbed. After that, `review stop` must leave nothing. Returns a row for each kind of disturbance.
 */
export async function tryFaultedPlans(effort: Effort): Promise<Row[]> {
  const workers = countWorkers(effort);
  const shares = Array.from({ length: workers }, (_, worker) => tryShare({ worker, workers }, effort));
  const outcomes = (await Promise.all(shares)).flat();
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const ofKind = outcomes.filter((outcome) => outcome.kind === kind);
    const unmarked = ofKind.filter(({ isUnmarked }) => isUnmarked).length;
    return {
      part: 'plan steps x faults',
      what: kind,
      tried: ofKind.length,
      wrong: ofKind.flatMap(({ problem }) => problem ?? []),
      ...(unmarked > 0 && { note: `${unmarked} without their mark were refused` }),
    };
  });
}

/** Tries the scenarios of one worker, on a host of its own. */
async function tryShare(
  { worker, workers }: { readonly worker: number; readonly workers: number },
  effort: Effort,
): Promise<Outcome[]> {
  await using project = await createProject({}, 'domains: [$APP.example.com]\n');
  const cases: Case[] = [];
  for (const [index, scenario] of chooseScenarios(effort).entries())
    if (index % workers === worker) cases.push(...(await listCases(project, scenario)));
  const outcomes: Outcome[] = [];
  if (cases.length === 0) return outcomes;
  for (const [index, one] of sample(cases, effort).entries()) {
    const result = await tryCase(project, one, `app-${String(index).padStart(5, '0')}`);
    const isUnmarked = result === 'unmarked';
    outcomes.push({ kind: kindOf(one.disturbance), problem: isUnmarked ? undefined : result, isUnmarked });
  }
  return outcomes;
}

/** Of the variants, a small share of the cases has only a few: each scenario first runs undisturbed, which takes as long as some cases. */
function chooseScenarios(effort: Effort): readonly Scenario[] {
  const wanted = scenarios.filter(({ name }) => name.includes(effort.only ?? ''));
  const variants = wanted.filter(({ isVariant }) => isVariant);
  const share = effort.share < 0.1 ? 0.3 : 1;
  const chosen = variants.length === 0 ? [] : sample(variants, { ...effort, share });
  return [...wanted.filter((one) => !variants.includes(one)), ...chosen];
}

function kindOf({ name }: Disturbance): string {
  return name.startsWith('failed at ') ? 'failed at a stage' : name;
}

/** Runs a scenario undisturbed and lists its commands, each with all the ways to disturb it. */
async function listCases(project: Project, scenario: Scenario): Promise<Case[]> {
  const app = `ref-${String(scenarios.indexOf(scenario)).padStart(5, '0')}`;
  await runBefore(project, scenario, app);
  const { commands } = project.sandbox.journal;
  const sent = commands.length;
  const result = await project.run(scenario.command, { app });
  if (result.exit !== 0) throw new Error(`${scenario.name} fails without a fault:\n${result.stderr}`);
  const expected = await traceOf(project, app);
  // The last part of a name that was too long depends on the whole name.
  const lines = new Set(commands.slice(sent).map(({ line }) => line.replace(/-[0-9a-f]{8}$/, '-HASH')));
  return [...lines].flatMap((line, index) => {
    const place = `${scenario.name}, command ${index + 1} (${line.split(' ').slice(0, 2).join(' ')})`;
    const lineFor = (other: string): RegExp => {
      const escaped = line.replaceAll(app, other).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(`^${escaped.replace('HASH', '[0-9a-f]{8}')}$`);
    };
    return listDisturbances(line).map((disturbance) => ({ scenario, lineFor, place, disturbance, expected }));
  });
}

function listDisturbances(line: string): readonly Disturbance[] {
  const signals = (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({ name: signal, signal }));
  return [...listFaults(line), ...signals];
}

async function runBefore(project: Project, { name, before }: Scenario, app: string): Promise<void> {
  for (const { command, commit } of before) {
    const result = await project.run(command, { app, commit: project.commits[commit] });
    if (result.exit !== 0) throw new Error(`${name}: ${command} fails without a fault:\n${result.stderr}`);
  }
}

/**
 * Runs a case. Returns what is wrong with its end; undefined if all is well. `unmarked`: the host lost the configuration of the
 * app, the owner's mark with it, so that the next run refuses the app by name and leaves it as it is.
 */
async function tryCase(project: Project, one: Case, app: string): Promise<string | 'unmarked' | undefined> {
  const { scenario, disturbance, expected } = one;
  const place = `${one.place}, ${disturbance.name}`;
  await runBefore(project, scenario, app);
  const problem = await runDisturbed(project, one, app);
  if (problem !== undefined) return `${place}: ${problem}`;
  const between = await traceOf(project, app);
  const again = await project.run(scenario.command, { app });
  const after = await traceOf(project, app);
  const isUnmarked = between.exists && between.env.length === 0 && refused.test(again.stderr);
  if (isUnmarked && again.exit === 4 && !differenceOf(between, after)) return 'unmarked';
  const difference = differenceOf(expected, after);
  if (again.exit !== 0 || difference) {
    return `${place}: the next run exits ${again.exit}; ${difference ?? lastLine(again.stderr)}`;
  }
  return scenario.command.startsWith('review') ? leavesNothing(project, app, place) : undefined;
}

/** How the next run refuses an app whose configuration the host has lost. */
const refused = /-not-ours: |has lost the configuration/;

async function leavesNothing(project: Project, app: string, place: string): Promise<string | undefined> {
  const stopped = await project.run('review stop', { app, noCheckout: true });
  const rest = differenceOf(nothing, await traceOf(project, app));
  if (stopped.exit === 0 && !rest) return undefined;
  return `${place}: review stop exits ${stopped.exit}; ${rest ?? lastLine(stopped.stderr)}`;
}

/** Milliseconds. A runner kills a job some time after SIGTERM: a run ends within six seconds, a busy machine adds some. */
const stopLimit = 9_000;

/** Milliseconds after which a job whose host has stalled is cancelled. */
const patience = 1_000;

/** Runs the scenario with its disturbance. Returns a sentence if it did not end in time or was not disturbed at all. */
async function runDisturbed(
  project: Project,
  { scenario, disturbance, lineFor }: Case,
  app: string,
): Promise<string | undefined> {
  const { faults } = project.sandbox;
  const line = lineFor(app);
  const waiting = faults.pending().length;
  const stop = new AbortController();
  const isLate = new Promise<'late'>((resolve) => {
    stop.signal.addEventListener(
      'abort',
      () => void sleep(stopLimit, 'late' as const, { ref: false }).then(resolve),
    );
  });
  let isOver = false;
  const stopOnceStalled = async (): Promise<void> => {
    while (!isOver && faults.pending().length > waiting) await sleep(50);
    await sleep(patience);
    stop.abort('SIGTERM');
  };
  const run = async (): Promise<void> => {
    if ('fault' in disturbance) {
      faults.inject(line, disturbance.fault);
      if (disturbance.fault.kind.startsWith('stall')) void stopOnceStalled();
    } else if (disturbance.signal === 'SIGTERM') {
      faults.inject(line, { kind: 'then', call: () => stop.abort('SIGTERM') });
    } else {
      return runKilled(project, scenario, { app, line });
    }
    await project.run(scenario.command, { app, stop: stop.signal });
    isOver = true;
  };
  if ((await Promise.race([run(), isLate])) === 'late') return `still running ${stopLimit} ms after SIGTERM`;
  return faults.pending().length > waiting ? 'the command was not sent' : undefined;
}

async function runKilled(
  project: Project,
  scenario: Scenario,
  { app, line }: { readonly app: string; readonly line: RegExp },
): Promise<void> {
  const program = startProgram(sourceCommand(...argumentsOf(scenario.command, app, project.registry)), {
    cwd: project.repository.folder,
    env: jobOf(project.sandbox, { app, commit: project.commits.second, command: scenario.command }),
  });
  project.sandbox.faults.inject(line, { kind: 'then', call: () => program.child.kill('SIGKILL') });
  await program.result;
}

function lastLine(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ');
}
