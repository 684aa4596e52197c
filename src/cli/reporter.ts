import type { Result, Tell } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import { showAddress } from '../context/host-address.ts';
import type { Given } from '../environment/given.ts';
import { variables } from '../environment/variables.ts';
import type { DeployError } from '../errors.ts';
import type { Used } from '../host/host.ts';
import type { Plan } from '../plan/plan.ts';
import { withHeartbeat } from '../report/heartbeat.ts';
import { jsonReport } from '../report/json.ts';
import { liveLine } from '../report/live-line.ts';
import { type StepEnd, stepBook } from '../report/steps.ts';
import { textReport } from '../report/text.ts';
import { maskingWriter } from '../report/writer.ts';
import { mask, Secret } from '../secret.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './flags.ts';
import { errorFacts, leaveFiles } from './leave.ts';
import { type RunFacts, showFacts, showResult } from './show-result.ts';
import { tellOthers } from './tell-others.ts';

interface Reporting {
  readonly world: World;
  readonly flags: RunFlags;
  readonly given: Given;
  readonly context: Context;
}

/** Tells a run, and at its end writes what is left of it: the result, the dotenv report, the facts. */
export interface Reporter extends Disposable {
  /** Tells the run's start. */
  readonly start: () => void;
  readonly tell: Tell;
  readonly planned: (plan: Plan) => void;
  readonly warn: (about: string, message: string) => void;
  /** Writes on standard output. */
  readonly result: (text: string) => void;
  /** Both give the run's exit code. */
  readonly finish: (result: Result, used: Used) => Promise<number>;
  readonly fail: (error: DeployError, used: Used) => Promise<number>;
}

/** Every secret that the run knows of: those of the configuration, and the variables that are declared secret. */
const secretsOf = ({ given, context }: Reporting): Secret[] => {
  const declared = variables.flatMap((variable) => {
    if (!('secret' in variable)) return [];
    const values = [given.variables[variable.name], given.contents[variable.name]];
    return values.flatMap((value) => (value === undefined ? [] : [new Secret(variable.name, value)]));
  });
  const key = context.access ? [context.access.key.key] : [];
  return [...context.vault.values(), ...declared, ...key];
};

const makeTell = ({ world, flags, given }: Reporting, write: (text: string) => void): Tell => {
  if (flags.logFormat === 'json') return jsonReport(write);
  const inGitLab = given.variables.GITLAB_CI !== undefined;
  const colours = (inGitLab || world.stderr.isTTY === true) && given.variables.NO_COLOR === undefined;
  return textReport({ write, sections: inGitLab, colours });
};

/** A person looks on: the story is told on a terminal that can be drawn on. */
const isWatched = ({ world, flags }: Reporting): boolean =>
  world.stderr.isTTY === true && world.env.TERM !== 'dumb' && flags.logFormat === 'text';

const factsOf = (
  { context, world }: Reporting,
  { exitCode, result, error, used, steps, startedAt, plan }: Ending,
): RunFacts => ({
  version: 1,
  tool: version,
  command: context.verb,
  app: context.app,
  host: context.access && showAddress(context.access.address),
  environment: context.environment,
  ref: context.ref,
  commit: context.source.commit,
  services: plan?.services ?? [],
  exitCode,
  result,
  error: error && errorFacts(error),
  steps,
  took: world.now() - startedAt,
  used,
});

interface Ending {
  readonly exitCode: number;
  readonly result: Result | undefined;
  readonly error: DeployError | undefined;
  readonly used: Used;
  readonly steps: readonly StepEnd[];
  readonly startedAt: number;
  readonly plan: Plan | undefined;
}

/** Makes the reporter of a run. */
export const makeReporter = (reporting: Reporting): Reporter => {
  const { world, flags, context } = reporting;
  const secrets = secretsOf(reporting);
  const live = isWatched(reporting)
    ? liveLine({ output: world.stderr, hide: mask(secrets), now: world.now })
    : undefined;
  const story = maskingWriter(live?.above ?? world.stderr, secrets);
  const output = maskingWriter(world.stdout, secrets);
  const startedAt = world.now();
  let written = startedAt;
  const write = (text: string): void => {
    written = world.now();
    story.write(text);
  };
  const told = makeTell(reporting, write);
  const heart = withHeartbeat(live?.watch(told) ?? told, { now: world.now, written: () => written });
  const book = stepBook();
  let plan: Plan | undefined;
  const tell: Tell = (event) => {
    book.see(event);
    heart.tell(event);
  };
  const warn = (about: string, message: string): void =>
    tell({ kind: 'warned', at: world.now(), about, message });
  const hint = (message: string): void => tell({ kind: 'noted', at: world.now(), message });
  const end = async ({ result, error, used }: Pick<Ending, 'result' | 'error' | 'used'>): Promise<number> => {
    const before = error?.exitCode ?? 0;
    const steps = book.ends();
    const facts = factsOf(reporting, { exitCode: before, result, error, used, steps, startedAt, plan });
    const unwritten = await leaveFiles(reporting, facts);
    for (const { about, message } of unwritten) warn(about, message);
    const { took, services } = facts;
    const run = { context, result, error, at: startedAt + took, took, services };
    const told = await tellOthers({ run, steps, world, hide: mask(secrets), warn, hint });
    const exitCode = before === 0 && (unwritten.length > 0 || !told) && flags.strict ? 1 : before;
    const at = world.now();
    tell({ kind: 'run-ended', at, took: at - startedAt, exitCode, result, error });
    if (flags.format === 'json') output.write(showFacts({ ...facts, exitCode }));
    else if (result) output.write(showResult(result));
    return exitCode;
  };
  return {
    start: () => {
      const host = context.access && showAddress(context.access.address);
      tell({ kind: 'run-started', at: startedAt, command: context.verb, version, app: context.app, host });
    },
    tell,
    warn,
    planned: (made) => {
      plan = made;
      const told = made.steps.map(({ id, title }) => ({ id, title }));
      tell({ kind: 'planned', at: world.now(), steps: told });
      for (const message of made.notes) hint(message);
    },
    result: output.write,
    finish: (result, used) => end({ result, error: undefined, used }),
    fail: (error, used) => end({ result: undefined, error, used }),
    [Symbol.dispose]: () => {
      heart[Symbol.dispose]();
      live?.[Symbol.dispose]();
      output.end();
      story.end();
    },
  };
};
