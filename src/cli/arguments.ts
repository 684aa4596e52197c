import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from '../errors.ts';
import { version } from '../version.ts';
import type { CliCommand, CommandArguments } from './command.ts';
import { commands } from './commands.ts';

/** What the arguments ask for: a command to run, or `answered` if help or an error was printed. */
export type ParsedArguments =
  | { readonly kind: 'command'; readonly entry: CliCommand; readonly args: CommandArguments }
  | { readonly kind: 'answered'; readonly exitCode: number };

interface HelpOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const help = "Run 'dokku-deploy --help' for a list of commands.\n";

/**
 * Parses the arguments (without the program's name). Help and version go to `out`. Mistakes go to `err`, with the
 * nearest name, and exit 2: a runner may call an image's entrypoint with `sh -c …`, which must not succeed.
 */
export function parseArguments(argv: readonly string[], output: HelpOutput): ParsedArguments {
  let parsed: ParsedArguments | undefined;
  const program = buildProgram(output, (entry, args) => {
    parsed = { kind: 'command', entry, args };
  });
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isHelp = error.exitCode === 0;
    if (!isHelp && argv.length > 0) output.err(help);
    return { kind: 'answered', exitCode: isHelp ? 0 : 2 };
  }
  return parsed ?? { kind: 'answered', exitCode: 2 };
}

const groups: Readonly<Record<string, string>> = {
  config: 'compare what is declared with the host',
  review: 'start or stop the review app of a branch, or run a command in it',
  executor: 'run jobs for GitLab Runner’s custom executor, each with a gate of its own',
  gate: 'keep the deploy key away from jobs: let each do what a policy allows to it',
};

const exitCodeHelp = `\nExit codes:\n${Object.entries(exitCodes)
  .map(([code, about]) => `  ${code.padEnd(4)} ${about}`)
  .join('\n')}\n`;

function buildProgram(
  output: HelpOutput,
  take: (entry: CliCommand, args: CommandArguments) => void,
): Command {
  const program = new Command('dokku-deploy')
    .description('Deploy from GitLab CI to Dokku: review apps, staging, production.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', exitCodeHelp)
    // Otherwise `gate` takes the flags of `gate check`.
    .enablePositionalOptions();
  const parents = new Map<string, Command>();
  for (const entry of commands) {
    const [first = ''] = entry.words;
    const isGroup = entry.words.length > 1;
    const parent = isGroup
      ? (parents.get(first) ?? program.command(first).description(groups[first] ?? ''))
      : program;
    if (isGroup) parents.set(first, parent);
    const command = addCommand(parent, entry, (args) => take(entry, args));
    // A command may have others below it: `gate` and `gate check`.
    if (!isGroup && Object.hasOwn(groups, first)) parents.set(first, command.enablePositionalOptions());
  }
  // Commander copies settings to a subcommand when it is created, so they are set on each command here.
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command
      .exitOverride()
      .helpCommand(false)
      .helpOption('--help', 'print this help')
      .allowExcessArguments(false)
      .showSuggestionAfterError(true)
      .configureOutput({ writeOut: output.out, writeErr: output.err });
  }
  return program;
}

function addCommand(parent: Command, entry: CliCommand, take: (args: CommandArguments) => void): Command {
  const command = parent.command(entry.words.at(-1) ?? '').description(entry.summary);
  if (entry.usage) command.arguments(entry.usage.replace(/-- (<?command)…/, '$1...'));
  for (const flag of entry.flags) command.addOption(toOption(flag));
  command.action(() => {
    take({ flags: command.opts(), positional: command.args });
  });
  return command;
}

function toOption({ name, value, choices, about }: CliCommand['flags'][number]): Option {
  const option = new Option(value ? `--${name} <${value}>` : `--${name}`, about);
  // Commander would turn a flag named no-… into its opposite.
  option.attributeName = () => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  option.negate = false;
  return choices ? option.choices(choices) : option;
}
