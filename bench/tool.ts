import { existsSync } from 'node:fs';
import { execa } from 'execa';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Network } from './network.ts';
import type { Project } from './project.ts';

const binary = new URL('../dist/dokku-deploy', import.meta.url).pathname;
const program = existsSync(binary)
  ? [binary]
  : [process.execPath, new URL('../src/main.ts', import.meta.url).pathname];

/** The variables of a job of the default branch, which reaches the host through the network. */
export function jobEnv(sandbox: Sandbox, { port }: Network): Record<string, string> {
  return {
    ...sandbox.env,
    DOKKU_HOST: `127.0.0.1:${port}`,
    SSH_KNOWN_HOSTS: sandbox.knownHosts.replace(/^\S+/, `[127.0.0.1]:${port}`),
    CI_PROJECT_ID: '1',
    CI_PROJECT_PATH: 'bench/app',
    CI_PROJECT_NAME: 'app',
    CI_COMMIT_REF_NAME: 'main',
  };
}

/** Runs dokku-deploy in the project: the binary if it has been built, else the source. */
export function runTool(
  { folder }: Project,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  const [command = '', ...rest] = program;
  return execa(command, [...rest, ...words], { cwd: folder, env });
}
