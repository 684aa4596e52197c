import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { DeployError } from '../../src/errors.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from '../support/access.ts';
import { anSshServer, reply } from '../support/ssh-server.ts';

interface Output {
  readonly exit: number;
  readonly stderr: string;
}

const line = '--quiet config:export --format json shop';

/** Sends a command to a server that answers with this output, and returns the error. */
const errorFor = async ({ exit, stderr }: Output, user = 'dokku'): Promise<DeployError | undefined> => {
  await using server = await anSshServer((channel) => reply(channel, exit, '', stderr));
  const access = await anAccess({ port: server.port, user });
  await using host = createSshHost({ access, warn: () => {} });
  return await host.ask({ line }).then(
    () => undefined,
    (error: DeployError) => error,
  );
};

const inShell = (shell: string): Output => {
  const { status, stderr } = spawnSync(shell, ['-c', line.replace('--quiet ', '')], { encoding: 'utf8' });
  return { exit: status ?? -1, stderr };
};

describe('a login that is not Dokku’s is reported as such', () => {
  test.each<[string, Output]>([
    ['a shell (sh)', inShell('sh')],
    ['a shell (bash)', inShell('bash')],
    ['a shell (zsh)', { exit: 127, stderr: 'zsh:1: command not found: config:export\n' }],
    ['a shell (fish)', { exit: 127, stderr: 'fish: Unknown command: config:export\n' }],
    ['nologin', { exit: 1, stderr: 'This account is currently not available.\n' }],
    ['sftp', { exit: 1, stderr: 'This service allows sftp connections only.\n' }],
    ['git-shell', { exit: 128, stderr: "fatal: unrecognized command 'config:export --format json shop'\n" }],
    ['a message', { exit: 142, stderr: 'Please login as the user "ubuntu" rather than the user "root".\n' }],
  ])('if it is %s', async (program, output) => {
    const error = await errorFor(output);
    expect([error?.code, error?.exitCode]).toEqual(['not-dokku', 3]);
    expect(error?.message).toContain(` runs ${program.replace(/ \(.*/, '')}`);
    expect(error?.said).toEqual([output.stderr.trim()]);
    expect(error?.remedy).toContain('dokku ssh-keys:add gitlab-ci');
  });

  test('with the right user, if DOKKU_HOST names another one', async () => {
    const error = await errorFor(inShell('bash'), 'root');
    expect(error?.remedy).toMatch(
      /^DOKKU_HOST names the user root; .* Set DOKKU_HOST to ssh:\/\/dokku@127\.0\.0\.1:\d+,/,
    );
  });

  test('with the line of authorized_keys, if the user is dokku', async () => {
    const error = await errorFor(inShell('bash'));
    expect(error?.remedy).toContain('/home/dokku/.ssh/authorized_keys');
  });
});

test.each<Output>([
  { exit: 20, stderr: ' !     App shop does not exist\n' },
  { exit: 1, stderr: ' !     `config:export` is not a dokku command.\n' },
  { exit: 127, stderr: '/var/lib/dokku/plugins/enabled/config/commands: line 3: jq: command not found\n' },
])('a refusal of Dokku itself is an answer: %j', async (output) => {
  expect(await errorFor(output)).toBeUndefined();
});
