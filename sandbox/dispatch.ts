import type { Call } from './host/call.ts';
import type { Handler } from './host/handler.ts';
import { splitCommand } from './host/split-command.ts';
import { type Reach, StoppedCommand, stagesOf } from './host/stages.ts';
import type { SandboxHost } from './host/state.ts';

/** A client's channel as commands see it. */
export type ClientStreams = Pick<Call, 'read' | 'readBytes' | 'out' | 'err' | 'isClosed'>;

/** Runs one command line and returns its exit code. */
export async function dispatch(
  line: string,
  {
    host,
    table,
    streams,
    reach = () => {},
  }: {
    readonly host: SandboxHost;
    readonly table: ReadonlyMap<string, Handler>;
    readonly streams: ClientStreams;
    readonly reach?: Reach;
  },
): Promise<number> {
  const { words: split, complaint } = splitCommand(line);
  if (complaint) streams.err(complaint);
  if (complaint && split.length < 2) return 1;
  const isVersion = split.length === 1 && split[0] === '-v';
  const { words, quiet, force } = isVersion
    ? { words: split, quiet: false, force: false }
    : takeGlobalFlags(split);
  const [command = 'help', ...rest] = words;
  const handler = table.get(command);
  if (!handler) return notACommand(words.join(' '), streams);
  try {
    if (stagesOf(command).includes('store')) reach('store');
    return await handler({ command, words: rest, quiet, force, reach, ...streams }, host);
  } catch (error) {
    if (!(error instanceof StoppedCommand)) throw error;
    streams.err(error.stderr);
    return error.exit;
  }
}

interface GlobalFlags {
  readonly words: readonly string[];
  readonly quiet: boolean;
  readonly force: boolean;
}

/** Takes Dokku's global flags off the front; unknown flags there are ignored. */
function takeGlobalFlags(words: readonly string[]): GlobalFlags {
  const first = words.findIndex((word, index) => !word.startsWith('--') && words[index - 1] !== '--app');
  const flags = first === -1 ? words : words.slice(0, first);
  const app = flags.includes('--app') ? flags[flags.indexOf('--app') + 1] : undefined;
  const [command, ...rest] = first === -1 ? [] : words.slice(first);
  const all = command === undefined ? [] : [command, ...(app === undefined ? [] : [app]), ...rest];
  return { words: all, quiet: flags.includes('--quiet'), force: flags.includes('--force') };
}

function notACommand(line: string, { err }: ClientStreams): number {
  err(
    ` !     \`${line}\` is not a dokku command.\n !     See \`dokku help\` for a list of available commands.\n`,
  );
  return 1;
}
