import { readFileSync } from 'node:fs';

/** One recorded interaction with a real Dokku 0.38.27. */
export interface RecordedCommand {
  readonly id: string;
  readonly note: string | null;
  /** The remote command as passed to ssh. */
  readonly argv?: string | null;
  readonly git?: string;
  readonly stdin?: string | null;
  readonly ssh_opts?: unknown;
  readonly parallel?: unknown;
  readonly client_signal?: unknown;
  readonly stdout: unknown;
  readonly stderr: unknown;
  readonly exit: unknown;
}

/** A record of one SSH or git command whose output can be compared as text. */
export type Replayable = RecordedCommand & {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
};

/** The groups that are replayed, in recording order. The second recording was made for commands of later features. */
export const recordings = {
  first: ['basic', 'apps', 'config', 'services', 'ssh', 'ops', 'deploy-other', 'git'],
  second: ['domains', 'tls', 'scale', 'storage', 'ship', 'services-2', 'day2', 'lock-3', 'timing-2'],
} as const;

/** Reads the records of a group. */
export function readRecords(group: string): RecordedCommand[] {
  return readFileSync(new URL(`recorded/0.38.27/${group}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line, (_, value) =>
          typeof value === 'string' ? expandRuns(value) : value,
        ) as RecordedCommand,
    );
}

/** Expands the recorder's short form for long runs of one character. */
function expandRuns(text: string): string {
  return text
    .replace(/<(\d+) times (\w)>/g, (_, times: string, char: string) => char.repeat(Number(times)))
    .replace(/(\w)\1\1\.\.\. (\d+) \1/g, (_, char: string, times: string) => char.repeat(Number(times)));
}

/** Returns whether a record is one plain command: without a terminal, ssh options, parallel commands or a placeholder. */
export function isReplayable(record: RecordedCommand): record is Replayable {
  return (
    ((typeof record.argv === 'string' && record.argv !== '') || typeof record.git === 'string') &&
    typeof record.exit === 'number' &&
    record.exit >= 0 &&
    record.exit !== 255 &&
    typeof record.stdout === 'string' &&
    typeof record.stderr === 'string' &&
    !record.argv?.includes('<app>') &&
    !record.ssh_opts &&
    !record.parallel &&
    !record.client_signal
  );
}

/** Returns the command's name after Dokku's global flags, or `git` and its subcommand. */
export function readCommand({ argv, git }: Replayable): string {
  if (typeof argv === 'string') return argv.split(/\s+/).find((word) => !word.startsWith('-')) ?? argv;
  return `git ${git?.split(' ').find((word) => /^[a-z]/.test(word) && !word.includes('=')) ?? ''}`;
}
