import { z } from 'zod';
import { scaleReport } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { readScale } from '../dokku/reports.ts';
import { findNearest } from '../problems.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';
import { count, readCount } from './value.ts';

type Entry = Readonly<Record<string, string | number>>;
type Counts = Readonly<Record<string, number>>;

interface AppScale {
  readonly counts: ReadonlyMap<string, number>;
  /** False while `formation` of the released app.json sets the numbers: Dokku refuses others until the next deploy. */
  readonly canScale: boolean;
}

/** `scale`: how many processes of each type run. A type that is not declared is left as it is. */
export const scale: Setting<Entry, Counts, AppScale> = {
  key: 'scale',
  schema: z
    .record(z.string(), count)
    .describe(
      'How many processes of each type of the Procfile run: {web: 2, worker: 1}. More are started by the deploy, and fewer are left after it. A type that is not named stays as it is. Refused if app.json has a formation, which Dokku prefers. Default: one web, none of any other type.',
    ),
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => [scaleReport(app), canScaleReport(app)],
  read: ([counts, canScale], app) => {
    if (!counts || !canScale) throw new Error('a question of a setting was not asked');
    if (counts.kind === 'refused') throw refusedError(scaleReport(app), counts);
    // An older Dokku does not report it.
    const isFixed = canScale.kind === 'answered' && canScale.stdout.trim() === 'false';
    return { counts: readScale(counts.stdout), canScale: !isFixed };
  },
  declare: ({ counts, canScale }) => {
    const isDefault = counts.size === 0 || (counts.size === 1 && counts.get('web') === 1);
    return isDefault || !canScale ? undefined : Object.fromEntries(counts);
  },
  fresh: () => ({ counts: new Map([['web', 1]]), canScale: true }),
  changes,
};

function resolve(entry: Entry, resolver: SettingResolver): Counts | undefined {
  const types = Object.keys(entry);
  if (types.length === 0) return undefined;
  if (resolver.hasFormation) {
    resolver.problem(
      '',
      'app.json has formation, and Dokku refuses any other scale then',
      'Remove one of them: formation counts for every app of the repository, scale for one.',
    );
  }
  return Object.fromEntries(types.map((type) => [type, resolveCount(type, entry[type] ?? '', resolver)]));
}

function resolveCount(type: string, raw: string | number, resolver: SettingResolver): number {
  const text = resolver.text(raw, type);
  const number = readCount(text);
  if (number === undefined && !text.includes('$')) {
    resolver.problem(type, `${JSON.stringify(text)} is not a number of processes`, 'Write 0 or more.');
  }
  checkType(type, resolver);
  return number ?? 0;
}

/** Before the first deploy Dokku accepts any name, and starts nothing for it (facts-2, F46). */
function checkType(type: string, { processes, problem }: SettingResolver): void {
  if (!/^[A-Za-z0-9_-]+$/.test(type)) {
    problem('', `${JSON.stringify(type)} is not a type of process`, 'Write it as in the Procfile.');
  } else if (processes && !processes.includes(type)) {
    const near = findNearest(type, processes);
    const known = processes.length > 0 ? `It has: ${processes.join(', ')}.` : 'It has none.';
    problem(type, 'the Procfile has no such process', near ? `Did you mean ${near}? ${known}` : known);
  }
}

function canScaleReport(app: string): Command {
  return { words: ['ps:report', app, '--ps-can-scale'] };
}

/**
 * More processes come with the deploy. Fewer are left after it, so that the version that serves meanwhile keeps its own; before the
 * first deploy there is none. A type that the deployed Procfile does not have is known to Dokku only after the deploy (facts-2, F46).
 */
function changes(app: string, current: AppScale, declared: Counts | undefined, known: Known): Change[] {
  const wanted = findWanted(current, known, declared);
  const differing = [...wanted].filter(([type, number]) => countOf(current, type) !== number);
  const phaseOf = ([type, number]: [string, number]): Change['phase'] => {
    if (!known.isDeployed) return 'before-deploy';
    if (number < countOf(current, type)) return 'last';
    return current.canScale && current.counts.has(type) ? 'before-deploy' : 'after-deploy';
  };
  const inPhase = (phase: Change['phase']) => differing.filter((one) => phaseOf(one) === phase);
  const early = inPhase('before-deploy');
  const up = describe(app, early, current);
  return [
    ...(up === undefined
      ? []
      : [
          {
            ...up,
            id: 'scale',
            commands: [{ words: ['ps:scale', '--skip-deploy', app, ...formatCounts(early)] }],
            phase: 'before-deploy' as const,
            effect: 'next-deploy' as const,
            // Deploys these types only, in half the time (facts-2, F45).
            withoutBuild: [{ words: ['ps:scale', app, ...formatCounts(early)] }],
          },
        ]),
    ...later(app, inPhase('after-deploy'), { current, phase: 'after-deploy' }),
    ...later(app, inPhase('last'), { current, phase: 'last' }),
  ];
}

/** A type that is no longer declared gets Dokku's default, unless `formation` of app.json sets its number now. */
function findWanted(current: AppScale, known: Known, declared: Counts = {}): Map<string, number> {
  const others = current.canScale ? [...current.counts.keys()] : [];
  const dropped = others.filter((type) => !Object.hasOwn(declared, type) && known.wasDeclared(type));
  return new Map([
    ...dropped.map((type) => [type, type === 'web' ? 1 : 0] as const),
    ...Object.entries(declared),
  ]);
}

function countOf({ counts }: AppScale, type: string): number {
  return counts.get(type) ?? 0;
}

type Counted = readonly (readonly [type: string, number: number])[];

function describe(
  app: string,
  counted: Counted,
  current: AppScale,
): Pick<Change, 'title' | 'before' | 'after' | 'repeat'> | undefined {
  if (counted.length === 0) return undefined;
  return {
    title: `Scale ${app}: ${counted.map(([type]) => type).join(', ')}`,
    before: formatCounts(counted.map(([type]) => [type, countOf(current, type)] as const)).join(' '),
    after: formatCounts(counted).join(' '),
    repeat: 'the same numbers are written again',
  };
}

function formatCounts(counted: Counted): string[] {
  return counted.map(([type, number]) => `${type}=${number}`);
}

function later(
  app: string,
  counted: Counted,
  { current, phase }: { readonly current: AppScale; readonly phase: 'after-deploy' | 'last' },
): Change[] {
  const described = describe(app, counted, current);
  if (described === undefined) return [];
  const command: Command = { words: ['ps:scale', app, ...formatCounts(counted)] };
  const id = phase === 'last' ? 'scale-down' : 'scale-up';
  return [{ ...described, id, commands: [command], phase, effect: 'at-once' }];
}
