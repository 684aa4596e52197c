import type { Flags } from '../context/flags.ts';
import type { Typed } from './commands.ts';

/** All flags of the pipeline's commands. */
export interface RunFlags extends Flags {
  readonly exitCode: boolean;
  readonly format: 'text' | 'json';
  readonly logFormat: 'text' | 'json';
  /** Paths; undefined: none is written. */
  readonly dotenv: string | undefined;
  readonly facts: string | undefined;
  readonly strict: boolean;
}

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

const path = (value: string | boolean | undefined, fallback: string): string | undefined => {
  const given = text(value) ?? fallback;
  return given === 'none' ? undefined : given;
};

const form = (value: string | boolean | undefined): 'text' | 'json' => (value === 'json' ? 'json' : 'text');

/** Reads what was typed for a command of the pipeline. */
export const readFlags = ({ flags, positional }: Typed): RunFlags => ({
  app: text(flags.app),
  environment: positional[0],
  config: text(flags.config),
  offline: flags.offline === true,
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
});
