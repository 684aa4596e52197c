import { showAddress } from '../access/host-address.ts';
import type { Result, Tell } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { Given } from '../environment/given.ts';
import type { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { stepBook } from '../report/step-results.ts';
import type { Host, Used } from '../ssh/host.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import { leaveFiles } from './artifacts.ts';
import { tellOthers } from './notifications.ts';
import { makeVoice } from './output.ts';
import { showResult } from './result.ts';
import type { RunFlags } from './run-flags.ts';
import { factsOf, showFacts } from './summary.ts';

/** What is known of a run once what was given is understood. */
interface Known {
  readonly context: Context;
  readonly host: Host | undefined;
}

/** Tells a run, and at its end writes what is left of it: the result, the dotenv report, the facts. */
export interface Reporter extends Disposable {
  readonly understood: (known: Known) => void;
  /** Tells the run's start. */
  readonly start: () => void;
  readonly tell: Tell;
  readonly planned: (plan: Plan) => void;
  readonly warn: (about: string, message: string) => void;
  /** Writes on standard output. */
  readonly result: (text: string) => void;
  /** These give the run's exit code. `refuse` leaves nothing and tells nobody else: the end of a dry run. */
  readonly finish: (result: Result) => Promise<number>;
  readonly fail: (error: DeployError) => Promise<number>;
  readonly refuse: (error: DeployError) => number;
}

interface Reporting {
  readonly world: World;
  readonly flags: RunFlags;
  readonly given: Given;
  readonly command: CommandName;
}

/** How a run ended. */
interface End {
  readonly result: Result | undefined;
  readonly error: DeployError | undefined;
}

const unused: Used = { connections: 0, commands: 0 };

/** Makes the reporter of a run. */
export function makeReporter(reporting: Reporting): Reporter {
  const { world, flags } = reporting;
  const voice = makeVoice(reporting);
  const book = stepBook();
  const startedAt = world.now();
  let known: Known | undefined;
  let plan: Plan | undefined;

  const tell: Tell = (event) => {
    book.see(event);
    voice.tell(event);
  };
  const warn = (about: string, message: string): void =>
    tell({ kind: 'warned', at: world.now(), about, message });
  const hint = (message: string): void => tell({ kind: 'noted', at: world.now(), message });
  const ended = ({ result, error }: End, exitCode: number): void => {
    const at = world.now();
    tell({ kind: 'run-ended', at, took: at - startedAt, exitCode, result, error });
  };

  const end = async ({ result, error }: End): Promise<number> => {
    const before = error?.exitCode ?? 0;
    const steps = book.ends();
    const took = world.now() - startedAt;
    const services = plan?.services ?? [];
    const used = known?.host?.used() ?? unused;
    const context = known?.context;
    const factsWith = (exitCode: number) =>
      factsOf({ ...reporting, context, result, error, exitCode, services, steps, took, used });
    const leave = (exitCode: number) => leaveFiles({ ...reporting, hide: voice.hide }, factsWith(exitCode));

    const unwritten = await leave(before);
    for (const { about, message } of unwritten) warn(about, message);
    const run = context && { context, result, error, at: startedAt + took, took, services };
    const told = !run || (await tellOthers({ run, steps, world, hide: voice.hide, warn, hint }));
    const exitCode = before === 0 && (unwritten.length > 0 || !told) && flags.strict ? 1 : before;
    // Left already, in case that others took too long to tell; what --strict makes of it is put right.
    if (exitCode !== before) await leave(exitCode);
    ended({ result, error }, exitCode);
    if (flags.format === 'json') voice.result(showFacts(factsWith(exitCode)));
    else if (result) voice.result(showResult(result));
    return exitCode;
  };

  return {
    understood: (what) => {
      known = what;
      voice.learn(what.context);
    },
    start: () => {
      if (!known) throw new Error('a run that is not understood cannot start');
      const { access, command, app } = known.context;
      const host = access && showAddress(access.address);
      tell({ kind: 'run-started', at: startedAt, command, version, app, host });
    },
    tell,
    warn,
    planned: (made) => {
      plan = made;
      const told = made.steps.map(({ id, title }) => ({ id, title }));
      tell({ kind: 'planned', at: world.now(), steps: told });
      for (const message of made.notes) hint(message);
    },
    result: voice.result,
    finish: (result) => end({ result, error: undefined }),
    fail: (error) => end({ result: undefined, error }),
    refuse: (error) => {
      ended({ result: undefined, error }, error.exitCode);
      return error.exitCode;
    },
    [Symbol.dispose]: voice[Symbol.dispose],
  };
}
