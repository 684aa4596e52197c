import type { CommandName } from '../context/target.ts';
import { DeployError } from '../errors.ts';
import type { RunFlags } from '../run/run-flags.ts';
import type { CommandArguments } from './command.ts';
import { readReportPath } from './report-flag.ts';
import { readSkippedKinds } from './skip-flag.ts';

/** Returns the flags of a command that acts on a host. Throws `usage` for flags that cannot be combined. */
export function readRunFlags({ flags, positional }: CommandArguments, command: CommandName): RunFlags {
  refuseWithoutDryRun(flags);
  refusePlanInDryRun(flags);
  refuseExplainedJson(flags);
  refuseWithCheckDrift(flags);
  return {
    app: toText(flags.app),
    environment: positional.at(command === 'promote' ? 1 : 0),
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

function refuseWithoutDryRun({
  dryRun,
  offline,
  explain,
  exitCode,
  report,
  planOut,
}: CommandArguments['flags']): void {
  const given = [
    offline && '--offline',
    explain && '--explain',
    exitCode && '--exit-code',
    report && '--report',
    planOut && '--plan-out',
  ];
  const flag = given.find((name) => typeof name === 'string');
  if (dryRun || flag === undefined) return;
  throw new DeployError('usage', {
    message: `${flag} requires --dry-run.`,
    remedy: `Add --dry-run, or omit ${flag}.`,
  });
}

function refusePlanInDryRun({ dryRun, plan }: CommandArguments['flags']): void {
  if (!dryRun || plan === undefined) return;
  throw new DeployError('usage', {
    message: '--plan applies a saved plan, and --dry-run applies nothing.',
    remedy: 'Omit one of them.',
  });
}

function refuseExplainedJson({ explain, format }: CommandArguments['flags']): void {
  if (!explain || format !== 'json') return;
  throw new DeployError('usage', {
    message: '--explain prints commands for a shell, not JSON.',
    remedy: 'Omit --explain or --format json.',
  });
}

function refuseWithCheckDrift({ checkDrift, dryRun, plan }: CommandArguments['flags']): void {
  const other = dryRun ? '--dry-run' : plan === undefined ? undefined : '--plan';
  if (!checkDrift || other === undefined) return;
  throw new DeployError('usage', {
    message: `--check-drift only compares the settings, and ${other} is about a whole deploy.`,
    remedy: 'Omit one of them.',
  });
}

function toText(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toHostRequirement({
  dryRun,
  offline,
}: CommandArguments['flags']): NonNullable<RunFlags['hostRequirement']> {
  if (offline) return 'none';
  return dryRun ? 'optional' : 'required';
}

function toFormat(value: string | boolean | undefined): 'text' | 'json' {
  return value === 'json' ? 'json' : 'text';
}
