import { resolveAccess } from '../access/access.ts';
import { askAll } from '../apply/ask.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { Answers } from '../init/answers.ts';
import { describeHost, hostQuestions } from '../init/host-facts.ts';
import { configurationError, type Problem } from '../problems.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { sleepUntilStop } from './run-context.ts';

interface LookInput {
  readonly jobInput: JobInput;
  readonly answers: Answers;
  /** The project's name, with which its apps' names begin. */
  readonly project: string;
  readonly world: World;
}

/**
 * Asks the host which plugins and apps it has; changes nothing. Returns remarks. Throws `configuration` if a variable for the
 * connection is missing or wrong, and what `askAll` throws.
 */
export async function lookAtHost({ jobInput, answers, project, world }: LookInput): Promise<string[]> {
  const problems: Problem[] = [];
  const setting = answers.host === '' ? undefined : { where: '--host', text: answers.host };
  const access = await resolveAccess(jobInput, setting, problems);
  if (!access || problems.length > 0) throw configurationError(problems);
  const warn = (message: string): void => void world.stderr.write(`Warning: the host key: ${message}\n`);
  await using host = createSshHost({ access, warn });
  const sleep = (milliseconds: number) => sleepUntilStop(milliseconds, world.stop);
  const hostAccess = {
    host,
    vault: new Map(),
    now: world.now,
    sleep,
    sleepThroughStop: sleep,
    stop: world.stop,
  };
  return describeHost(await askAll(hostQuestions, hostAccess), project, answers);
}
