import type { CommandName } from '../context/target.ts';
import { DeployError } from '../errors.ts';
import type { RunFlags } from '../run/run-flags.ts';
import type { CommandArguments } from './command.ts';
import { readReportPath } from './read-report-path.ts';
import { readSkippedKinds } from './read-skipped-kinds.ts';

/** Returns the flags of a command that acts on a host. Throws `usage` for flags that cannot be combined. */
export function readRunFlags({ flags, positional }: CommandArguments, command: CommandName): RunFlags {
  refuseConflicts(flags);
  return {
    app: toText(flags.app),
    environment: command === 'review run' ? undefined : positional.at(command === 'promote' ? 1 : 0),
    commandWords: command === 'review run' ? positional : [],
    timeout: toText(flags.timeout),
    output: toText(flags.output),
    from: command === 'promote' ? positional[0] : undefined,
    skip: readSkippedKinds(flags.skip),
    onlyLabel: toText(flags.onlyLabel),
    reason: command === 'lock' ? positional[1] : undefined,
    fromApp: toText(flags.fromApp),
    commit: toText(flags.commit),
    config: toText(flags.config),
    root: toText(flags.root),
    dir: toText(flags.dir),
    hostRequirement: toHostRequirement(flags),
    dryRun: flags.dryRun === true,
    rebuild: flags.rebuild === true,
    checkDrift: flags.checkDrift === true,
    allowDefaultBranch: flags.allowDefaultBranch === true,
    allowOlder: flags.allowOlder === true,
    takeOver: flags.takeOver === true,
    superseded: flags.superseded === 'ok' ? 'ok' : 'fail',
    image: toText(flags.image),
    imageArchive: toText(flags.imageArchive),
    to: toText(flags.to),
    noCreate: flags.noCreate === true,
    exact: flags.exact === true,
    copyEnvFrom: toText(flags.copyEnvFrom),
    wait: toText(flags.wait),
    exitCode: flags.exitCode === true,
    format: toFormat(flags.format),
    logFormat: toFormat(flags.logFormat),
    explain: flags.explain === true,
    dotenv: toText(flags.dotenv),
    facts: toText(flags.facts),
    annotations: toText(flags.annotations),
    junit: toText(flags.junit),
    terraformReport: readReportPath(flags.report, 'terraform'),
    planOut: toText(flags.planOut),
    plan: toText(flags.plan),
    strict: flags.strict === true,
    duringFreeze: flags.duringFreeze === true,
    duringLock: flags.duringLock === true,
  };
}

type Flags = CommandArguments['flags'];

/** Flags that cannot be combined. */
interface Conflict {
  readonly isGiven: (flags: Flags) => unknown;
  readonly message: string;
  readonly remedy: string;
}

const conflicts: readonly Conflict[] = [
  needsDryRun('offline', '--offline'),
  needsDryRun('explain', '--explain'),
  needsDryRun('exitCode', '--exit-code'),
  needsDryRun('report', '--report'),
  needsDryRun('planOut', '--plan-out'),
  {
    isGiven: ({ plan, dryRun }) => plan !== undefined && dryRun,
    message: '--plan applies a saved plan, and --dry-run applies nothing.',
    remedy: 'Omit one of them.',
  },
  {
    isGiven: ({ explain, format }) => explain && format === 'json',
    message: '--explain prints commands for a shell, not JSON.',
    remedy: 'Omit --explain or --format json.',
  },
  {
    isGiven: ({ checkDrift, dryRun }) => checkDrift && dryRun,
    message: '--check-drift only compares the settings, and --dry-run is about a whole deploy.',
    remedy: 'Omit one of them.',
  },
  {
    isGiven: ({ checkDrift, plan }) => checkDrift && plan !== undefined,
    message: '--check-drift only compares the settings, and --plan is about a whole deploy.',
    remedy: 'Omit one of them.',
  },
];

function needsDryRun(key: string, flag: string): Conflict {
  return {
    isGiven: (flags) => flags[key] && !flags.dryRun,
    message: `${flag} requires --dry-run.`,
    remedy: `Add --dry-run, or omit ${flag}.`,
  };
}

function refuseConflicts(flags: Flags): void {
  const conflict = conflicts.find(({ isGiven }) => isGiven(flags));
  if (conflict) throw new DeployError('usage', conflict);
}

function toText(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toHostRequirement({ dryRun, offline }: Flags): NonNullable<RunFlags['hostRequirement']> {
  if (offline) return 'none';
  return dryRun ? 'optional' : 'required';
}

function toFormat(value: string | boolean | undefined): 'text' | 'json' {
  return value === 'json' ? 'json' : 'text';
}
