import { startSandbox } from '../../sandbox/sandbox.ts';
import { serviceTypes } from '../../sandbox/services/service-types.ts';
import { type Answer, connectTo, sayTo } from '../support/ssh.ts';
import { leftOut } from './exceptions.ts';
import { makeWorkspace } from './git-steps.ts';
import { normalise } from './normalise.ts';
import { commandOf, isReplayable, type Replayable, recordsOf } from './records.ts';
import { makeInputs } from './sample-app.ts';
import { between, setups } from './setups.ts';

/** How the sandbox's answer compares with the recorded one. */
export type Verdict = 'same' | 'same exit, other words' | 'different' | 'not offered';

export interface Compared {
  readonly record: Replayable;
  readonly command: string;
  readonly verdict: Verdict;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const verdictOf = (record: Replayable, answer: Answer): Verdict => {
  const notOffered = (text: string) => text.includes('is not a dokku command');
  if (notOffered(answer.stderr) && !notOffered(record.stderr)) return 'not offered';
  if (answer.exit !== record.exit) return 'different';
  const same =
    normalise(answer.stdout) === normalise(record.stdout) &&
    normalise(answer.stderr) === normalise(record.stderr);
  return same ? 'same' : 'same exit, other words';
};

/** Replays a group against a fresh sandbox, in order: each record builds on those before it. */
export const replay = async (group: string): Promise<Compared[]> => {
  await using sandbox = await startSandbox({
    domain: 'lab.dokku.test',
    services: serviceTypes
      .map(({ plugin }) => plugin)
      .filter((plugin) => plugin !== 'mariadb' && plugin !== 'mongo'),
  });
  const client = await connectTo(sandbox);
  await using inputs = await makeInputs();
  await using workspace = await makeWorkspace(sandbox);
  for (const [line, stdin] of setups[group] ?? []) await sayTo(client, line, inputs.of(stdin));
  const compared: Compared[] = [];
  for (const record of recordsOf(group).filter(isReplayable)) {
    for (const [line, stdin] of between[record.id] ?? []) await sayTo(client, line, inputs.of(stdin));
    if (record.id in leftOut) continue;
    const answer =
      typeof record.argv !== 'string'
        ? await workspace.run(record.id, record.git ?? '')
        : await sayTo(client, inputs.line(record.argv), inputs.of(record.stdin));
    compared.push({ record, command: commandOf(record), verdict: verdictOf(record, answer), ...answer });
  }
  client.end();
  return compared;
};
