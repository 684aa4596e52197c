import { setTimeout as sleep } from 'node:timers/promises';
import { sourceCommand, startProgram } from '../support/child.ts';
import { watchMemory } from '../support/peak-memory.ts';
import { aRepository } from '../support/repository.ts';
import {
  advertisement,
  type Behaviour,
  band,
  end,
  flood,
  goodAnswer,
  longBuild,
  packet,
  receivePack,
  startHostileHost,
  write,
} from './hostile-host.ts';
import { type Effort, type Row, sample } from './table.ts';

const lines = Buffer.from('a line of output that never ends\n'.repeat(1_000));
const oneLine = Buffer.alloc(32_000, 'x');
const megabyte = 2 ** 20;

const never: Behaviour = () => {};

/** A host's answers that no client would expect: a name, and what the host does with which command. */
const hostile: readonly (readonly [string, string, Behaviour])[] = [
  ...['config:export', 'git:report', 'apps:create', 'config:import', 'git-receive-pack'].flatMap(
    (command): (readonly [string, string, Behaviour])[] => [
      [`${command} never answers`, command, never],
      [`${command} prints lines without end`, command, flood(lines)],
      [`${command} prints one line without end`, command, flood(oneLine)],
      [`${command} prints errors without end`, command, flood(lines, { stream: 'stderr' })],
      [`${command} closes without an exit code`, command, (channel) => void channel.close()],
      [`${command} ends the connection`, command, (_, connection) => void connection.end()],
      [`${command} prints one byte a second`, command, drip],
    ],
  ),
  ['JSON with a prototype', 'config:export', end(0, '{"__proto__":{"x":1},"constructor":{"y":2}}')],
  ['JSON 100,000 levels deep', 'config:export', end(0, `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`)],
  ['a JSON array', 'config:export', end(0, '[1,2]')],
  ['a JSON null', 'config:export', end(0, 'null')],
  ['nothing where JSON is due', 'config:export', end(0, '')],
  ['a page of HTML', 'config:export', end(0, '<html>hello</html>')],
  ['JSON of 60 MB', 'config:export', end(0, JSON.stringify({ A: 'v'.repeat(60 * megabyte) }))],
  ['garbage for an advertisement', 'git-receive-pack', end(0, 'Welcome to this host!\nhave fun\n')],
  ['a packet of impossible length', 'git-receive-pack', end(0, '0003')],
  ['refs without end', 'git-receive-pack', flood(packet(`${'1'.repeat(40)} refs/heads/x\n`))],
  ['half an advertisement', 'git-receive-pack', end(0, advertisement.subarray(0, 30).toString('latin1'))],
  ['no answer to the push', 'git-receive-pack', receivePack(never)],
  ['a build log of 100 MB', 'git-receive-pack', receivePack(longBuild(100 * megabyte))],
  ['a report without end', 'git-receive-pack', receivePack(flood(band(1, Buffer.alloc(60_000, 65))))],
  ['an unknown band', 'git-receive-pack', receivePack(write(Buffer.concat([band(9, 'x'), goodAnswer])))],
  ...cuts().map((at): readonly [string, string, Behaviour] => [
    `the answer to the push is cut at byte ${at}`,
    'git-receive-pack',
    receivePack(write(goodAnswer.subarray(0, at))),
  ]),
];

/**
 * Milliseconds from the first command until SIGTERM, and those that the run may then take. A program that is still being
 * loaded, for seconds on a busy machine, ends by the signal itself.
 */
const patience = 4_000;
const mayTake = 8_000;
/** Milliseconds within which the program must have been loaded and have sent a command. */
const startTime = 60_000;
/** Bytes: `docs/limits.md` promises 200 MB for the binary; from source, Node holds the compiled sources besides. */
const memoryLimit = 300 * megabyte;

/**
 * Runs `review start` against hosts that answer what no client expects. Wrong is: a bug, a run that does not end after
 * SIGTERM, too much memory, a success.
 */
export async function tryHostileAnswers(effort: Effort): Promise<Row[]> {
  using repository = aRepository('fix');
  const commit = repository.commit({ 'index.html': 'hello' });
  const wrong: string[] = [];
  let peak = 0;
  const chosen = sample(hostile, effort);
  for (const [name, command, behaviour] of chosen) {
    const run = await runAgainst({ command, behaviour, folder: repository.folder, commit });
    peak = Math.max(peak, run.peak);
    const problem = problemOf(run);
    if (problem) wrong.push(`${name}: ${problem}`);
  }
  const note = `peak memory ${Math.round(peak / megabyte)} MB`;
  return [{ part: 'hostile answers', what: 'bugs, hangs', tried: chosen.length, wrong, note }];
}

interface HostileRun {
  readonly exit: number | null;
  readonly output: string;
  /** Milliseconds that the run went on after SIGTERM; undefined where it ended before. */
  readonly afterStop: number | undefined;
  /** Bytes. */
  readonly peak: number;
}

function problemOf({ exit, output, afterStop, peak }: HostileRun): string | undefined {
  if (exit === 1 || /\bbug\b|at .*\(.*:\d+:\d+\)/.test(output)) return `a bug: ${output.trim().slice(-200)}`;
  if (exit === null) return 'it had to be killed';
  if (afterStop !== undefined && afterStop > mayTake) return `it ran on for ${afterStop} ms after SIGTERM`;
  return peak > memoryLimit ? `it took ${Math.round(peak / megabyte)} MB` : undefined;
}

interface HostileCase {
  readonly command: string;
  readonly behaviour: Behaviour;
  readonly folder: string;
  readonly commit: string;
}

async function runAgainst({ command, behaviour, folder, commit }: HostileCase): Promise<HostileRun> {
  await using host = await startHostileHost(new Map([[command, behaviour]]));
  const program = startProgram(sourceCommand('review', 'start', '--dotenv', 'none', '--facts', 'none'), {
    cwd: folder,
    env: { ...host.env, CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_SHA: commit, CI_PROJECT_PATH: 'group/shop' },
  });
  const peakMemory = watchMemory(program.child);
  const ended = program.result.then((result) => ({ ...result, at: Date.now() }));
  let stoppedAt: number | undefined;
  const isOver = new AbortController();
  const stopLater = async (): Promise<void> => {
    const { signal } = isOver;
    await Promise.race([host.asked, sleep(startTime, undefined, { signal })]);
    await sleep(patience, undefined, { signal });
    stoppedAt = Date.now();
    program.child.kill('SIGTERM');
    await sleep(mayTake + 4_000, undefined, { signal });
    program.child.kill('SIGKILL');
  };
  void stopLater().catch(() => {});
  const { exit, output, at } = await ended;
  const peak = peakMemory();
  isOver.abort();
  return { exit, output, afterStop: stoppedAt === undefined ? undefined : at - stoppedAt, peak };
}

function drip(channel: Parameters<Behaviour>[0]): void {
  const timer = setInterval(() => channel.write('.'), 1_000);
  channel.once('close', () => clearInterval(timer));
}

/** Where the answer to a push is cut: inside the first packet, at its end, inside the report, before the last flush. */
function cuts(): number[] {
  const { length } = goodAnswer;
  return [0, 2, 4, 9, 30, Math.round(length / 2), length - 30, length - 6, length - 4, length - 1];
}
