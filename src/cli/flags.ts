import { DeployError } from '../errors.ts';
import type { RunFlags } from '../run/run-flags.ts';
import type { Typed } from './command.ts';

/** Reads what was typed for a command of the pipeline. Raises `usage` for flags that don't go together. */
export function readFlags({ flags, positional }: Typed): RunFlags {
  refuseWithoutDryRun(flags);
  return {
    app: text(flags.app),
    environment: positional[0],
    config: text(flags.config),
    host: hostOf(flags),
    dryRun: flags.dryRun === true,
    rebuild: flags.rebuild === true,
    allowOlder: flags.allowOlder === true,
    noCreate: flags.noCreate === true,
    wait: text(flags.wait),
    exitCode: flags.exitCode === true,
    format: form(flags.format),
    logFormat: form(flags.logFormat),
    dotenv: path(flags.dotenv, 'dokku-deploy.env'),
    facts: path(flags.facts, 'deploy.json'),
    strict: flags.strict === true,
  };
}

function refuseWithoutDryRun({ dryRun, offline, exitCode }: Typed['flags']): void {
  if (dryRun || !(offline || exitCode)) return;
  const [flag, why] = offline ? ['--offline', 'asks no host'] : ['--exit-code', 'tells of a plan'];
  throw new DeployError('usage', {
    message: `${flag} ${why}, and goes with --dry-run only.`,
    remedy: `Add --dry-run, or leave ${flag} away.`,
  });
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function hostOf({ dryRun, offline }: Typed['flags']): NonNullable<RunFlags['host']> {
  if (offline) return 'none';
  return dryRun ? 'optional' : 'required';
}

function form(value: string | boolean | undefined): 'text' | 'json' {
  return value === 'json' ? 'json' : 'text';
}

function path(value: string | boolean | undefined, fallback: string): string | undefined {
  const given = text(value) ?? fallback;
  return given === 'none' ? undefined : given;
}
