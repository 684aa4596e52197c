import type { Call } from './call.ts';
import type { App, SandboxHost } from './state.ts';

/** Dokku's exit code for an app that does not exist. */
export const missingAppExit = 20;

/** Prints one of Dokku's headings; `--quiet` hides it. */
export function arrow(call: Call, message: string): void {
  if (!call.quiet) call.out(`-----> ${message}\n`);
}

export function detail(call: Call, message: string): void {
  if (!call.quiet) call.out(`       ${message}\n`);
}

/** Prints that a property was set, or unset by an empty value; `--quiet` hides it. */
export function printChange(call: Call, key: string, value: string): void {
  if (!call.quiet)
    call.out(value === '' ? `=====> Unsetting ${key}\n` : `=====> Setting ${key} to ${value}\n`);
}

export const nameRule =
  'App name must begin with lowercase alphanumeric character, and may only contain lowercase alphanumerics, dots, and hyphens';

/** Returns the app of that name. If there is none, prints the reason and returns the exit code. */
export function findApp(call: Call, host: SandboxHost, name: string | undefined): App | number {
  if (!name) return fail(call, 'Please specify an app to run the command on');
  if (!isAppName(name)) return fail(call, nameRule);
  return host.state.apps.get(name) ?? fail(call, `App ${name} does not exist`, missingAppExit);
}

/** Prints a warning as Dokku does, and returns the exit code to end with. */
export function fail(call: Call, message: string, code = 1): number {
  for (const line of message.split('\n')) call.err(` !     ${line}\n`);
  return code;
}

const appName = /^[a-z0-9][a-z0-9.-]*$/;

export function isAppName(name: string): boolean {
  return appName.test(name);
}

/** The flags that a command accepts: switches, and flags with a value. */
export interface FlagNames {
  readonly switches?: readonly string[];
  readonly valued?: readonly string[];
}

/** A command's words after parsing: positional arguments, flags with their values, and the first unknown flag. */
export interface ParsedWords {
  readonly positional: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  readonly unknown: string | undefined;
}

/** Separates flags from positional words as Go's pflag does: `--flag value` and `--flag=value`. */
export function parseWords(words: readonly string[], { switches = [], valued = [] }: FlagNames): ParsedWords {
  const positional: string[] = [];
  const flags = new Map<string, string>();
  let unknown: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string;
    const [name = '', value] = word.split(/=(.*)/s);
    if (!word.startsWith('-') || word === '-') positional.push(word);
    else if (switches.includes(name)) flags.set(name, 'true');
    else if (valued.includes(name)) {
      flags.set(name, value ?? words[index + 1] ?? '');
      if (value === undefined) index += 1;
    } else unknown ??= word;
  }
  return { positional, flags, unknown };
}

/** Prints pflag's error for an unknown flag, after the command's flags, and returns its exit code. */
export function unknownFlag(call: Call, flag: string, usage: readonly string[] = []): number {
  call.err(`Usage of ${call.command}:\n`);
  for (const line of usage) call.err(`${line}\n`);
  const text = flag.startsWith('--')
    ? `unknown flag: ${flag}`
    : `unknown shorthand flag: '${flag[1]}' in ${flag}`;
  call.err(`${text}\n`);
  return 2;
}

/** Asks the client to type the name of what will be destroyed. Returns whether it did. */
export async function confirm(
  call: Call,
  kind: 'app' | 'network' | 'storage entry',
  name: string,
): Promise<boolean> {
  call.err(
    ` !     WARNING: Potentially Destructive Action\n !     This command will destroy ${kind} ${name}.\n`,
  );
  call.err(` !     To proceed, type "${name}"\n`);
  call.out('> ');
  const typed = await call.read();
  if (typed.trim() === name) return true;
  call.err(typed === '' ? ' !     EOF\n' : 'Confirmation did not match test. Aborted.\n');
  return false;
}
