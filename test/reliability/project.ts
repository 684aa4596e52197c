import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { aFixedRegistry } from '../support/fixed-registry.ts';
import { dockerArchive } from '../support/image.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

/** A project with three commits and two services, and a host to deploy it to. */
export interface Project extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly repository: TestRepository;
  readonly commits: { readonly base: string; readonly first: string; readonly second: string };
  /** The address of a registry with the images `first` and `second`. The folder has them in the files `first.tar` and `second.tar`. */
  readonly registry: string;
  /** Runs a command as the job of a branch; `command` as it is typed, with `APP` and `REGISTRY` for what each case has of its own. */
  readonly run: (command: string, options: RunOptions) => Promise<ProgramResult>;
}

export interface RunOptions {
  /** The branch and the app, of which each case has its own. */
  readonly app: string;
  readonly commit?: string;
  readonly stop?: AbortSignal;
  /** Without a checkout, as GitLab runs the job that removes an environment. */
  readonly noCheckout?: boolean;
}

const releasesKey = 'DOKKU_DEPLOY_RELEASES';

const configuration = 'services: [mongo, redis]\nenv: {MODE: reliability}\n';

/**
 * Makes the project and starts its host. Its services are of types that start in no time here. `settings`: more of its configuration
 * file, in YAML.
 */
export async function createProject(options: SandboxOptions = {}, settings = ''): Promise<Project> {
  const sandbox = await startSandbox({ services: ['mongo', 'redis'], ...options });
  const repository = aRepository();
  const base = repository.commit({ 'index.html': 'base' });
  const first = repository.commit({ 'index.html': 'first' });
  const second = repository.commit({ 'index.html': 'second' });
  writeFileSync(join(repository.folder, '.dokku-deploy.yml'), `${configuration}${settings}`);
  const images = { first: { files: { page: 'first' } }, second: { files: { page: 'second' } } };
  for (const [name, content] of Object.entries(images))
    writeFileSync(join(repository.folder, `${name}.tar`), await dockerArchive(content));
  const registry = await aFixedRegistry(images);
  const empty = aFolder();
  return {
    sandbox,
    repository,
    commits: { base, first, second },
    registry: registry.host,
    run: (command, { app, commit = second, stop, noCheckout }) =>
      runProgram({
        argv: argumentsOf(command, app, registry.host),
        cwd: noCheckout ? empty.folder : repository.folder,
        env: jobOf(sandbox, { app, commit, command }),
        ...(stop ? { stop } : {}),
      }),
    [Symbol.asyncDispose]: async () => {
      empty[Symbol.dispose]();
      repository[Symbol.dispose]();
      await registry[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** A review app takes its name from the branch; an environment's is given one, so that each case has an app of its own. */
export function argumentsOf(command: string, app: string, registry = ''): string[] {
  const words = command.replaceAll('APP', app).replaceAll('REGISTRY', registry).split(' ');
  return isForReview(command) || words.includes('--app') ? words : [...words, '--app', app];
}

function isForReview(command: string): boolean {
  return command.startsWith('review');
}

/** The variables of the job. */
export function jobOf(
  { env }: Sandbox,
  { app, commit, command }: { readonly app: string; readonly commit: string; readonly command: string },
): Record<string, string> {
  return {
    ...env,
    GITLAB_CI: 'true',
    CI_COMMIT_REF_NAME: isForReview(command) ? app : 'main',
    CI_COMMIT_REF_SLUG: isForReview(command) ? app : 'main',
    CI_COMMIT_SHA: commit,
    CI_DEFAULT_BRANCH: 'main',
    CI_PROJECT_ID: '42',
    CI_PROJECT_NAME: 'shop',
    CI_PROJECT_PATH: 'group/shop',
    CI_ENVIRONMENT_NAME: isForReview(command) ? `review/${app}` : `staging/${app}`,
  };
}

/** What the host has of an app, without what differs from run to run. */
export interface AppTrace {
  readonly exists: boolean;
  readonly deployed: boolean;
  readonly env: readonly string[];
  readonly services: readonly string[];
  readonly domains: readonly string[];
}

/** What is left of an app that was removed: nothing. */
export const nothing: AppTrace = {
  exists: false,
  deployed: false,
  env: [],
  services: [],
  domains: [],
};

/** Looks at an app and its services on the host itself, once no deploy of it is running. */
export async function traceOf({ sandbox }: Project, app: string): Promise<AppTrace> {
  while (sandbox.state.apps.get(app)?.deployController) await sleep(20);
  const found = sandbox.state.apps.get(app);
  const config = parseEnv(found?.envFile ?? '');
  // The host makes a commit of its own for each deploy of an image.
  const [, ownCommit] = /#([0-9a-f]{40})$/.exec(config.get('DOKKU_DEPLOY_REVISION') ?? '') ?? [];
  const neutral = (text: string): string =>
    text
      .replaceAll(ownCommit ?? app, ownCommit ? 'OWN' : 'APP')
      .replaceAll(app, 'APP')
      .replaceAll(app.replaceAll('-', '_'), 'APP')
      .replace(/:[0-9a-f]{16,}@/g, ':***@')
      // The digest of a setting depends on the app's name.
      .replace(/(\bdomains)=[0-9a-f]{16}/g, '$1=***');
  return {
    exists: found !== undefined,
    deployed: found?.deployed ?? false,
    env: [...config]
      .map(([key, value]) => `${key}=${neutral(key === releasesKey ? newestRelease(value) : value)}`)
      .sort(),
    services: [...sandbox.state.services]
      .flatMap(([plugin, byName]) =>
        [...byName.values()]
          .filter(({ name }) => name.startsWith(`${app}-`))
          .map(({ name, links }) => `${plugin}:${neutral(name)} -> ${[...links].map(neutral).join()}`),
      )
      .sort(),
    domains: (found?.domains ?? []).map(neutral),
  };
}

/**
 * Returns what the releases say of the newest one. Earlier ones, a failed one among them, depend on what happened before; a
 * run that did not see the deploy itself knows nothing of its scripts.
 */
function newestRelease(releases: string): string {
  const [, newest = ''] = releases.split(';');
  const fields = new URLSearchParams(newest);
  return ['commit', 'image', 'revision', 'outcome'].map((key) => `${key}=${fields.get(key)}`).join('&');
}

/** What differs between two traces, in one line; undefined where they are the same. */
export function differenceOf(expected: AppTrace, actual: AppTrace): string | undefined {
  if (JSON.stringify(expected) === JSON.stringify(actual)) return undefined;
  const parts = [
    expected.exists === actual.exists ? [] : [`app ${actual.exists ? 'exists' : 'is missing'}`],
    expected.deployed === actual.deployed ? [] : [`deployed: ${actual.deployed}`],
    ...(['env', 'services', 'domains'] as const).map((key) => [
      ...expected[key].filter((one) => !actual[key].includes(one)).map((one) => `lacks ${one}`),
      ...actual[key].filter((one) => !expected[key].includes(one)).map((one) => `has ${one}`),
    ]),
  ];
  return parts.flat().join('; ');
}
