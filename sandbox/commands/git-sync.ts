import { join } from 'node:path';
import { createScratchFolder, resolveBranch, runHostGit } from '../deploys/git-folder.ts';
import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** `git:sync APP REMOTE [REF] [--build | --build-if-changes]`: fetches a branch or tag of another repository. */
export function sync(call: Call, host: SandboxHost): number | Promise<number> {
  const flags = ['--build', '--build-if-changes', '--skip-deploy-branch'];
  const words = call.words.filter((word) => !flags.includes(word));
  return withApp((request) => syncApp(request, call.words))({ ...call, words }, host);
}

/** `allWords` are the words including flags. */
async function syncApp(
  { call, host, app, rest: [remote = '', ref = ''] }: AppRequest,
  allWords: readonly string[],
): Promise<number> {
  if (remote === '') return fail(call, 'Missing GIT_REMOTE parameter');
  const before = await host.repositories.idOf(app.name, resolveBranch(app));
  if (before === undefined) call.out(`-----> Cloning ${app.name} from ${remote}#${ref}\n`);
  else call.out(`       Fetching remote code for ${app.name} from ${remote}#${ref}\n`);
  const exit = await deployRemote(call, host, { app, remote, ref });
  if (exit !== 0) return exit;
  const after = await host.repositories.idOf(app.name, resolveBranch(app));
  if (allWords.includes('--build-if-changes') && before === after) {
    call.out('       Skipping build as no changes were detected\n');
    return 0;
  }
  if (!allWords.some((word) => word.startsWith('--build'))) return 0;
  return host.deploy(app, { out: call.out, source: 'git:sync', from: 'build' });
}

const overNetwork = /^(https?|ssh):\/\/|^[\w.-]+@[\w.-]+:/;

async function deployRemote(
  call: Call,
  host: SandboxHost,
  { app, remote, ref }: { readonly app: App; readonly remote: string; readonly ref: string },
): Promise<number> {
  if (!overNetwork.test(remote)) {
    call.out(
      `Cloning into '/tmp/dokku-fn-git-clone'...\n${dubiousOwnership(remote.replace(/^file:\/\//, ''))}`,
    );
    return 128;
  }
  await using work = await createScratchFolder(host);
  const clone = join(work.path, 'clone');
  const cloned = await runHostGit(host, work.path, ['clone', '--', remote, 'clone']);
  call.out(
    cloned.output
      .replaceAll(clone, '/tmp/dokku-fn-git-clone')
      .replace("into 'clone'", "into '/tmp/dokku-fn-git-clone'"),
  );
  if (cloned.exit !== 0) return cloned.exit;
  const wanted = ref === '' ? 'HEAD' : ref;
  const found = await runHostGit(host, clone, ['rev-parse', '--verify', `${wanted}^{commit}`]);
  const head =
    found.exit === 0
      ? found
      : await runHostGit(host, clone, ['rev-parse', '--verify', `origin/${wanted}^{commit}`]);
  if (head.exit !== 0) {
    call.out(head.output);
    return head.exit;
  }
  const branch = resolveBranch(app);
  await runHostGit(host, clone, ['update-ref', 'refs/dokku/wanted', head.stdout.trim()]);
  await host.repositories.git(app.name, [
    'fetch',
    '--quiet',
    clone,
    `+refs/dokku/wanted:refs/heads/${branch}`,
  ]);
  return 0;
}

// Git refuses a repository on the host's disk that another user owns. The sandbox refuses all of them.
function dubiousOwnership(path: string): string {
  return `fatal: detected dubious ownership in repository at '${path}'
To add an exception for this directory, call:

	git config --global --add safe.directory ${path}
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;
}
