import type { Client } from 'ssh2';
import type { SandboxOptions } from '../../sandbox/sandbox.ts';
import { sourceCommand } from './child.ts';
import { aRepository, type TestRepository } from './repository.ts';
import { aGate, type RunningGate } from './running-gate.ts';
import { connectTo } from './ssh.ts';
import { type ProgramResult, runProgram } from './world.ts';

/** A gate, a checkout of `group/shop`, and an operator of the host. */
export interface GateJob extends AsyncDisposable {
  readonly gate: RunningGate;
  readonly repository: TestRepository;
  readonly operator: { readonly client: Client };
  /** Runs a job with a token of its own, which has these claims. */
  readonly run: (
    words: string | readonly string[],
    claims?: Readonly<Record<string, string>>,
    env?: Readonly<Record<string, string>>,
  ) => Promise<ProgramResult>;
}

/** Starts a gate with these rules. */
export const aGateJob = async (rules: string, options: SandboxOptions = {}): Promise<GateJob> => {
  const gate = await aGate(rules, options);
  const repository = aRepository('main');
  const client = await connectTo(gate.sandbox);
  return {
    gate,
    repository,
    operator: { client },
    run: async (words, { ref = 'my-branch', ...claims } = {}, env = {}) => {
      const token = await gate.gitlab.sign({ ref, ref_path: `refs/heads/${ref}`, ...claims });
      return runProgram({
        argv: typeof words === 'string' ? words.split(' ') : words,
        program: sourceCommand(),
        cwd: repository.folder,
        env: {
          ...gate.jobEnv(token),
          ...variablesOf(ref, claims.environment),
          ...env,
        },
      });
    },
    [Symbol.asyncDispose]: async () => {
      client.end();
      repository[Symbol.dispose]();
      await gate[Symbol.asyncDispose]();
    },
  };
};

/** The variables of a job that agree with its token. */
export const variablesOf = (ref: string, environment = ''): Readonly<Record<string, string>> => ({
  CI_COMMIT_REF_NAME: ref,
  CI_COMMIT_REF_SLUG: ref,
  CI_PROJECT_ID: '42',
  CI_PROJECT_PATH: 'group/shop',
  CI_PROJECT_NAME: 'shop',
  CI_ENVIRONMENT_NAME: environment,
});
