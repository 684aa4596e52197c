import { startSandbox } from '../../sandbox/sandbox.ts';
import { serviceTypes } from '../../sandbox/services/service-types.ts';
import { connectTo, runOver, type SshResult } from '../support/ssh.ts';
import { skippedRecords } from './exceptions.ts';
import { createWorkspace } from './git-steps.ts';
import { normalise } from './normalise.ts';
import { isReplayable, type Replayable, readCommand, readRecords } from './records.ts';
import { createInputs } from './sample-app.ts';
import { between, setups } from './setups.ts';

/** How the sandbox's output compares with the recorded one. */
export type Verdict = 'same' | 'same exit, other words' | 'different' | 'not offered';

export interface Comparison {
  readonly record: Replayable;
  readonly command: string;
  readonly verdict: Verdict;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const compare = (record: Replayable, answer: SshResult): Verdict => {
  const notOffered = (text: string) => text.includes('is not a dokku command');
  if (notOffered(answer.stderr) && !notOffered(record.stderr)) return 'not offered';
  if (answer.exit !== record.exit) return 'different';
  const same =
    normalise(answer.stdout) === normalise(record.stdout) &&
    normalise(answer.stderr) === normalise(record.stderr);
  return same ? 'same' : 'same exit, other words';
};

/** Replays a group against a fresh sandbox in recording order, as each record depends on those before it. */
export const replay = async (group: string): Promise<Comparison[]> => {
  await using sandbox = await startSandbox({
    domain: 'lab.dokku.test',
    services: serviceTypes
      .map(({ plugin }) => plugin)
      .filter((plugin) => plugin !== 'mariadb' && plugin !== 'mongo'),
  });
  const client = await connectTo(sandbox);
  await using inputs = await createInputs();
  await using workspace = await createWorkspace(sandbox);
  for (const [line, stdin] of setups[group] ?? []) await runOver(client, line, inputs.of(stdin));
  const compared: Comparison[] = [];
  for (const record of readRecords(group).filter(isReplayable)) {
    for (const [line, stdin] of between[record.id] ?? []) await runOver(client, line, inputs.of(stdin));
    if (record.id in skippedRecords) continue;
    const answer =
      typeof record.argv !== 'string'
        ? await workspace.run(record.id, record.git ?? '')
        : await runOver(client, inputs.line(record.argv), inputs.of(record.stdin));
    compared.push({ record, command: readCommand(record), verdict: compare(record, answer), ...answer });
  }
  client.end();
  return compared;
};
