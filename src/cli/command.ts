import type { World } from '../world.ts';

/** A flag. `value` is the name of its argument, absent for a switch. */
export interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly about: string;
}

/** The arguments after a command's name. */
export interface CommandArguments {
  /** By camel-case name, e.g. `dryRun`. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly positional: readonly string[];
}

/** A command: its help and the function that runs it. `run` returns the exit code. */
export interface CliCommand {
  readonly words: readonly string[];
  /** How its positional arguments are written, e.g. `[environment]`. */
  readonly usage?: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  readonly run: (world: World, args: CommandArguments) => Promise<number>;
}
