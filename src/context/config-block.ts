import type { JobInput } from '../environment/job-input.ts';
import { findEnvironmentBlock, resolveEnvironment } from './environment.ts';
import type { Flags } from './flags.ts';
import { mergeProbes } from './probe.ts';
import type { Resolver } from './resolver.ts';
import type { Configuration, EnvironmentBlock, ProbeEntry } from './schema.ts';
import { mergeSettings } from './settings.ts';
import { checkSharedDomains } from './shared-domains.ts';
import { resolveSource } from './source.ts';
import type { SourceEntry } from './source-schema.ts';
import { type CommandName, targets } from './target.ts';

export interface ContextInput {
  readonly command: CommandName;
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

/** What the file says about a run: each key of its block, or else of the top level. `host` is the block's only. */
export interface ConfigBlock extends Omit<EnvironmentBlock, 'source' | 'probe'> {
  /** The entries of the declared settings, by key. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly probe: ProbeEntry;
  readonly source: SourceEntry;
}

/** Returns the block of a run. Adds a problem for an environment that the file leaves out, and for domains of two environments. */
export function resolveBlock(
  input: ContextInput,
  configuration: Configuration,
  resolver: Resolver,
): ConfigBlock {
  const block = chooseBlock(input, configuration, resolver);
  checkSharedDomains(configuration, block, resolver);
  const levels = [configuration.source, block.source];
  return {
    ...configuration,
    ...block,
    host: block.host,
    env: { ...configuration.env, ...block.env },
    probe: mergeProbes([configuration.probe, block.probe]),
    source: resolveSource(levels, input.flags, resolver.problems),
    settings: mergeSettings(configuration, block),
  };
}

function chooseBlock(
  { command, flags, jobInput }: ContextInput,
  configuration: Configuration,
  resolver: Resolver,
): EnvironmentBlock {
  const { target } = targets[command];
  if (target === 'review') return configuration.review ?? {};
  const chosen = flags.app ?? configuration.app ?? jobInput.variables.DOKKU_APP;
  const environment = resolveEnvironment(target, flags, jobInput);
  return findEnvironmentBlock(
    configuration,
    // Whoever only compares must not be told to deploy.
    { command: flags.checkDrift ? 'config diff' : command, environment, hasApp: chosen !== undefined },
    resolver,
  );
}
