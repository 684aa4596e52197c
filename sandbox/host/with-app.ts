import { type FlagNames, findApp, type ParsedWords, parseWords } from './answers.ts';
import type { Call } from './call.ts';
import type { Handler } from './handler.ts';
import type { App, SandboxHost } from './state.ts';

/** The flags that a command reads from its words. */
export interface CommandFlags extends FlagNames {
  /** Answers an unknown flag and returns the exit code. Without it, unknown flags are ignored. */
  readonly refuse?: (call: Call, flag: string) => number;
}

/** A command on an app that exists. */
export interface AppRequest {
  readonly call: Call;
  readonly host: SandboxHost;
  readonly app: App;
  /** The words after the app's name. */
  readonly rest: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** A command on an app, or on the host itself under `--global`. */
export interface TargetRequest extends AppRequest {
  /** Whether it is on the host; `app` is then the host's own entry. */
  readonly isGlobal: boolean;
}

/**
 * Creates a handler that finds the app named by the first word, and prints Dokku's error if it does not exist. With
 * `flags`, flags are removed from the words first, wherever they are; without, all words are passed on unchanged.
 */
export function withApp(
  handler: (request: AppRequest) => number | Promise<number>,
  flags?: CommandFlags,
): Handler {
  return createAppHandler(handler, flags);
}

function createAppHandler(
  handler: (request: TargetRequest) => number | Promise<number>,
  names: CommandFlags | undefined,
): Handler {
  return (call, host) => {
    const { positional, flags, unknown } = names ? parseWords(call.words, names) : keepWords(call);
    if (unknown !== undefined && names?.refuse) return names.refuse(call, unknown);
    if (flags.has('--global')) {
      return handler({ call, host, app: host.state.global, isGlobal: true, rest: positional, flags });
    }
    const [name, ...rest] = positional;
    const app = findApp(call, host, name);
    return typeof app === 'number' ? app : handler({ call, host, app, isGlobal: false, rest, flags });
  };
}

function keepWords({ words }: Call): ParsedWords {
  return { positional: words, flags: new Map(), unknown: undefined };
}

/** As `withApp` with flags, for a command that takes `--global` instead of an app. */
export function withTarget(
  handler: (request: TargetRequest) => number | Promise<number>,
  flags: CommandFlags = {},
): Handler {
  return createAppHandler(handler, { ...flags, switches: [...(flags.switches ?? []), '--global'] });
}
