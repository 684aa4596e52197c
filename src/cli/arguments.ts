import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from '../errors.ts';
import { version } from '../version.ts';
import type { CommandEntry, Typed } from './command.ts';
import { commands } from './commands.ts';

/** What was asked for: a command to run, or a text that was printed already with its exit code. */
export type Parsed =
  | { readonly kind: 'command'; readonly entry: CommandEntry; readonly typed: Typed }
  | { readonly kind: 'answered'; readonly exitCode: number };

interface Printing {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const help = "Run 'dokku-deploy --help' for the commands.\n";

/**
 * Reads what a person typed (the words after the program's name). Help and version go to `out`; mistakes go to `err`
 * with the nearest name, and exit with 2: a runner may call an image's entrypoint with `sh -c …`, which must not pass.
 */
export function parseArguments(argv: readonly string[], printing: Printing): Parsed {
  let parsed: Parsed | undefined;
  const program = build(printing, (entry, typed) => {
    parsed = { kind: 'command', entry, typed };
  });
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const answered = error.exitCode === 0;
    if (!answered && argv.length > 0) printing.err(help);
    return { kind: 'answered', exitCode: answered ? 0 : 2 };
  }
  return parsed ?? { kind: 'answered', exitCode: 2 };
}

const groups: Readonly<Record<string, string>> = { review: 'the review app of a branch: start, stop' };

const exitCodeHelp = `\nExit codes:\n${Object.entries(exitCodes)
  .map(([code, about]) => `  ${code.padEnd(4)} ${about}`)
  .join('\n')}\n`;

function build(printing: Printing, take: (entry: CommandEntry, typed: Typed) => void): Command {
  const program = new Command('dokku-deploy')
    .description('Deploys from GitLab CI to Dokku: review apps, staging, production.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this page')
    .addHelpText('after', exitCodeHelp);
  const parents = new Map<string, Command>();
  for (const entry of commands) {
    const [first = ''] = entry.words;
    const isGroup = entry.words.length > 1;
    const parent = isGroup
      ? (parents.get(first) ?? program.command(first).description(groups[first] ?? ''))
      : program;
    if (isGroup) parents.set(first, parent);
    addCommand(parent, entry, (typed) => take(entry, typed));
  }
  // Settings are inherited only by commands made after them, so they are set on each.
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command
      .exitOverride()
      .helpCommand(false)
      .helpOption('--help', 'print this page')
      .allowExcessArguments(false)
      .showSuggestionAfterError(true)
      .configureOutput({ writeOut: printing.out, writeErr: printing.err });
  }
  return program;
}

function addCommand(parent: Command, entry: CommandEntry, take: (typed: Typed) => void): void {
  const command = parent.command(entry.words.at(-1) ?? '').description(entry.summary);
  if (entry.usage) command.argument(entry.usage.replace('-- command…', 'command...'));
  for (const flag of entry.flags) command.addOption(option(flag));
  command.action(() => {
    take({ flags: command.opts(), positional: command.args });
  });
}

function option({ name, value, choices, about }: CommandEntry['flags'][number]): Option {
  const made = new Option(value ? `--${name} <${value}>` : `--${name}`, about);
  // A switch named no-… would be turned into its opposite.
  made.attributeName = () => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  made.negate = false;
  return choices ? made.choices(choices) : made;
}
