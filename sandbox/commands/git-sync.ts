import { cloneInto, fetchInto, type RemoteSource, resolveBranch, runHostGit } from '../deploys/host-git.ts';
import { fail } from '../host/answers.ts';
import { asBuild } from '../host/as-build.ts';
import type { Call } from '../host/call.ts';
import { recordSource } from '../host/deploy-source.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const flagNames = ['--build', '--build-if-changes', '--skip-deploy-branch'];

/** `git:sync APP REMOTE [REF] [--build | --build-if-changes]`: fetches a branch, a tag or a commit of another repository. */
export function sync(call: Call, host: SandboxHost): number | Promise<number> {
  const words = call.words.filter((word) => !flagNames.includes(word));
  const flags = new Set(call.words.filter((word) => flagNames.includes(word)));
  return withApp((request) => {
    const { app, rest } = request;
    if (!rest[0]) return fail(call, 'Missing GIT_REMOTE parameter');
    return asBuild(host, app, { source: call.command, run: () => syncApp(request, flags) });
  })({ ...call, words }, host);
}

async function syncApp(
  { call, host, app, rest: [remote = '', ref = ''] }: AppRequest,
  flags: ReadonlySet<string>,
): Promise<number> {
  const idOf = () => host.repositories.resolve(app.name, resolveBranch(host, app));
  const before = await idOf();
  if (before !== undefined) call.out(`       Fetching remote code for ${app.name} from ${remote}#${ref}\n`);
  else if (!call.quiet) call.out(`-----> Cloning ${app.name} from ${remote}#${ref}\n`);
  const source = findSource(call, host, { remote, ref });
  if (typeof source === 'number') return source;
  const exit =
    before === undefined
      ? await cloneInto(host, app, source, flags.has('--skip-deploy-branch'))
      : await fetchInto(host, app, source);
  if (exit !== 0) return exit;
  if (flags.has('--build-if-changes') && before === (await idOf())) {
    call.out('       Skipping build as no changes were detected\n');
    return 0;
  }
  if (!flags.has('--build') && !flags.has('--build-if-changes')) return 0;
  return build(call, host, { app, remote, ref });
}

interface Wanted {
  readonly remote: string;
  readonly ref: string;
}

const overNetwork = /^(https?|ssh|git):\/\/|^[\w.-]+@[\w.-]+:/;

/**
 * Returns what to fetch: something on the network, or the repository of an app of this host (`/home/dokku/APP`). For any
 * other path it prints git's error and returns its exit code.
 */
function findSource(call: Call, host: SandboxHost, { remote, ref }: Wanted): RemoteSource | number {
  const print = (output: string): void => call.out(output);
  if (overNetwork.test(remote)) return { remote, ref, print };
  const [, name = ''] = /^\/home\/dokku\/([^/]+)\/?$/.exec(remote) ?? [];
  if (name === '') {
    print(`Cloning into '/tmp/dokku-fn-git-clone'...\n${dubiousOwnership(remote.replace(/^file:\/\//, ''))}`);
    return 128;
  }
  if (!host.state.apps.has(name)) {
    print(noRepository(remote));
    return 128;
  }
  const folder = host.repositories.folderOf(name);
  const show = (output: string): string =>
    output.replaceAll(folder, remote).replaceAll(folder.replace(/\.git$/, ''), remote);
  return { remote: folder, ref, print: (output) => print(show(output)) };
}

// Git refuses a repository of another user. The sandbox never looks at such a path.
function dubiousOwnership(path: string): string {
  return `fatal: detected dubious ownership in repository at '${path}'
To add an exception for this directory, call:

	git config --global --add safe.directory ${path}
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;
}

function noRepository(path: string): string {
  return `fatal: '${path}' does not appear to be a git repository
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;
}

/** Builds the ref that was fetched. What was deployed is recorded only after it succeeded. */
async function build(
  call: Call,
  host: SandboxHost,
  { app, remote, ref }: Wanted & { readonly app: App },
): Promise<number> {
  const folder = host.repositories.folderOf(app.name);
  const resolved = await runHostGit(host, folder, ['rev-parse', ref || resolveBranch(host, app)]);
  call.out(resolved.stderr);
  const commit = resolved.stdout;
  const outcome = await host.receive(app, { out: call.out, source: 'git:sync', commit, reach: call.reach });
  if (outcome !== 'deployed') return outcome === 'killed' ? 131 : 1;
  recordSource(app, 'git-sync', `${remote}#${commit}`);
  return 0;
}
