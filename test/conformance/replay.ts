import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { serviceTypes } from '../../sandbox/services/service-types.ts';
import { connectTo, runOver } from '../support/ssh.ts';
import { skippedRecords } from './exceptions.ts';
import { createShallowClones, gitSteps } from './git-steps.ts';
import { normalise } from './normalise.ts';
import { isReplayable, type RecordedCommand, type Replayable, readCommand, readRecords } from './records.ts';
import { createInputs, type RecorderInputs } from './sample-app.ts';
import { secondGitSteps } from './second-git-steps.ts';
import { between, meanwhile, type Setup, setups, type WebRequest } from './setups.ts';
import { createWorkspace, type GitResult, type Workspace } from './workspace.ts';

/** How the sandbox's output compares with the recorded one. */
export type Verdict = 'same' | 'same exit, other words' | 'different' | 'not offered';

export interface Comparison {
  readonly record: Replayable;
  readonly group: string;
  readonly command: string;
  readonly verdict: Verdict;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Replay {
  readonly client: Client;
  readonly inputs: RecorderInputs;
  readonly workspace: Workspace;
  /** Commands that run while other records are replayed. */
  readonly running: Map<string, Promise<GitResult>>;
  readonly sandbox: Sandbox;
  /** The sandbox's names for random names of the recording. */
  readonly names: Map<string, string>;
}

/** Git commands that ran during other records, by the record before which they start. */
const startedBefore: Readonly<Record<string, string>> = {
  'lock-3-004': 'lock-3-016',
  'lock-3-020': 'lock-3-021',
  'lock-3-057': 'lock-3-058',
  'day2-102': 'day2-106',
};

/** Git commands whose client was killed while the host was building. */
const killed: ReadonlySet<string> = new Set(['lock-3-028', 'lock-3-047']);

/** Replays a group against a fresh sandbox in recording order, as each record depends on those before it. */
export async function replay(group: string): Promise<Comparison[]> {
  await using sandbox = await startSandbox({
    domain: 'lab.dokku.test',
    services: serviceTypes
      .map(({ plugin }) => plugin)
      .filter((plugin) => plugin !== 'mariadb' && plugin !== 'mongo'),
  });
  const client = await connectTo(sandbox);
  await using inputs = await createInputs();
  await using workspace = await createWorkspace(
    sandbox,
    { ...gitSteps, ...secondGitSteps },
    createShallowClones,
  );
  const context: Replay = { client, inputs, workspace, running: new Map(), sandbox, names: new Map() };
  for (const setup of setups[group] ?? []) await runSetup(context, setup);
  const records = readRecords(group);
  const compared: Comparison[] = [];
  for (const record of records) {
    for (const setup of between[record.id] ?? []) await runSetup(context, setup);
    await startBackground(context, records, record);
    if (record.id in skippedRecords || !isReplayable(record)) continue;
    const result = await runRecord(context, record);
    compared.push({
      record,
      group,
      command: readCommand(record),
      verdict: compare(record, result),
      ...result,
    });
  }
  await Promise.all(context.running.values());
  client.end();
  return compared;
}

async function runSetup(context: Replay, setup: Setup): Promise<void> {
  const { client, inputs, workspace } = context;
  if ('background' in setup) {
    context.running.set(setup.background, runOver(client, setup.background, ''));
    if (setup.app !== undefined) await waitForBuild(context, setup.app);
    else await sleep(500);
  } else if ('request' in setup) {
    await requestApp(context.sandbox, setup);
  } else if ('synced' in setup) {
    await inputs.commit({ 'synced.txt': setup.synced });
  } else if ('step' in setup) {
    await workspace.run(setup.step, `push ssh://dokku@127.0.0.1:3022/${setup.app} HEAD:refs/heads/master`);
  } else {
    await runOver(client, setup[0], inputs.of('', setup[1]));
  }
}

/** Starts the git command that ran during this record, and waits until the host is building. */
async function startBackground(
  context: Replay,
  records: readonly RecordedCommand[],
  { id }: RecordedCommand,
): Promise<void> {
  const { workspace, running } = context;
  const started = killed.has(id) ? id : startedBefore[id];
  const record = records.find((one) => one.id === started);
  if (!record) return;
  const kill = new AbortController();
  running.set(record.id, workspace.run(record.id, record.git ?? '', kill.signal));
  const app = /:\d+\/(\S+)/.exec(record.git ?? '')?.[1] ?? '';
  await waitForBuild(context, app);
  await sleep(1_500);
  if (killed.has(id)) kill.abort();
}

async function waitForBuild({ sandbox: { state } }: Replay, app: string): Promise<void> {
  while (!state.apps.get(app)?.deployController) await sleep(50);
}

async function runRecord(context: Replay, record: Replayable): Promise<GitResult> {
  const { client, inputs, workspace, running } = context;
  const background = running.get(record.id);
  if (background) return background;
  if (typeof record.argv !== 'string') return workspace.run(record.id, record.git ?? '');
  const line = renameIn(context, workspace.line(inputs.line(record.argv)));
  const answer = runOver(client, line, inputs.of(record.id, record.stdin));
  const others = meanwhile[record.id] ?? [];
  if (others.length > 0) await sleep(500);
  for (const setup of others) await runSetup(context, setup);
  const result = await answer;
  learnNames(context, record.stdout, result.stdout);
  return result;
}

/** Requests a path of an app from the sandbox's proxy. */
async function requestApp({ webPort }: Sandbox, { request, name }: WebRequest): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const options = { port: webPort, path: request, headers: { host: name } };
    get(options, (answer) => answer.resume().once('end', resolve)).once('error', reject);
  });
}

/** Replaces the names of the recorder's builds and containers by those of the sandbox. */
function renameIn({ names }: Replay, line: string): string {
  return [...names].reduce((rest, [recorded, here]) => rest.replaceAll(recorded, here), line);
}

const randomName = /"id":"(\w+)"|\b([a-z0-9-]+\.run\.\d+)\b/g;

/** Notes which random names of the sandbox's output correspond to those in the recorded one. */
function learnNames({ names }: Replay, recorded: string, output: string): void {
  const [theirs, ours] = [recorded, output].map((text) =>
    [...text.matchAll(randomName)].map(([, id, container]) => id ?? container ?? ''),
  );
  for (const [at, name] of (theirs ?? []).entries()) {
    const here = ours?.[at];
    if (here !== undefined) names.set(name, here);
  }
}

function compare(record: Replayable, result: GitResult): Verdict {
  const isUnknown = (text: string) => text.includes('is not a dokku command');
  if (isUnknown(result.stderr) && !isUnknown(record.stderr)) return 'not offered';
  if (result.exit !== record.exit) return 'different';
  const same = isSameOutput(record, result, 'stdout') && isSameOutput(record, result, 'stderr');
  return same ? 'same' : 'same exit, other words';
}

const summary = /^<(\d+) bytes, sha256 ([0-9a-f]{16})\.\.\.,/;

function isSameOutput(record: Replayable, result: GitResult, stream: 'stdout' | 'stderr'): boolean {
  const [recorded, here] = [normalise(record[stream]), normalise(result[stream])];
  // A database server's own dump or log: only its presence is compared.
  if (stream === 'stdout' && /^(mysql|postgres|redis):(export|logs)$/.test(readCommand(record)))
    return (here === '') === (recorded === '');
  const [, bytes, hash] = summary.exec(record[stream]) ?? [];
  if (bytes !== undefined && hash !== undefined) {
    const output = Buffer.from(result[stream]);
    return (
      String(output.length) === bytes && createHash('sha256').update(output).digest('hex').startsWith(hash)
    );
  }
  // The processes of an app are logged side by side, in no order.
  return readCommand(record) === 'logs'
    ? here.split('\n').sort().join('\n') === recorded.split('\n').sort().join('\n')
    : here === recorded;
}
