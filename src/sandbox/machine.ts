import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyApp } from './make-app.ts';
import { changeEnv } from './plugin-config.ts';
import { performRelease } from './release.ts';
import { type PreReceive, type Push, repositoriesIn } from './repositories.ts';
import type { App, Build, SandboxHost, SandboxState } from './state.ts';

export interface MachineOptions {
  readonly folder: string;
  readonly domain: string;
  readonly webPort: () => number;
  readonly now: () => number;
  /** Where the programs of apps are found. */
  readonly path: string;
  /** Variables for builds alone. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** Milliseconds until a web process must listen. */
  readonly patience: number;
}

/** A host with its effects, and what the SSH server asks of it besides commands. */
export interface Machine extends SandboxHost {
  readonly repositories: ReturnType<typeof repositoriesIn>;
  readonly preReceive: (app: App) => PreReceive;
  readonly close: () => Promise<void>;
}

// Recorded: a label of 64 characters is taken, one of 245 makes nginx refuse its whole configuration. Where in between it
// begins depends on the host's server_names_hash_bucket_size; the sandbox takes what is surely no host name any more.
const longestLabel = 128;

const breaksProxy = ({ domains }: App): boolean =>
  domains.some((name) => name.split('.').some((label) => label.length > longestLabel));

const byName = <T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

const busy = (app: App): string[] => [
  ` !     ${app.name} currently has a deploy lock in place. Exiting...`,
  ` !     Run 'apps:unlock' to release the existing deploy lock`,
];

// Dokku's hook wipes its own line before a warning.
const warning = (text: string): string => `\u001b[1G\u001b[K-----> ${text}`;

interface Deploying {
  readonly commit: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly out: (line: string) => void;
  readonly source: string;
}

/** Makes the machine of a sandbox: its state and all that commands and pushes do to it. */
export const makeMachine = (options: MachineOptions): Machine => {
  const { folder, domain, now, path, patience, buildEnv } = options;
  const state: SandboxState = {
    apps: new Map(),
    services: new Map(),
    global: emptyApp('global', now(), []),
    autocreation: true,
  };
  const repositories = repositoriesIn(join(folder, 'apps'), path);

  const urls = (app: App): string[] => app.domains.map((name) => `http://${name}:${options.webPort()}`);

  const build = async (app: App, deploying: Deploying, signal: AbortSignal): Promise<boolean> => {
    const files = join(folder, 'releases', `${app.name}-${randomBytes(4).toString('hex')}`);
    await repositories.extract(app.name, deploying.commit, { folder: files, env: deploying.env });
    const { out } = deploying;
    const good = await performRelease({
      app,
      state,
      folder: files,
      urls: () => urls(app),
      path,
      buildEnv,
      patience,
      out,
      signal,
    });
    return good;
  };

  const deploy = async (app: App, deploying: Deploying): Promise<boolean> => {
    if (app.deploying) {
      for (const line of busy(app)) deploying.out(line);
      return false;
    }
    const control = new AbortController();
    app.deploying = control;
    const record: Build = {
      id: randomBytes(7).toString('hex'),
      source: deploying.source,
      startedAt: now(),
      finishedAt: undefined,
      status: 'running',
    };
    app.builds.push(record);
    try {
      // A failed deploy sets it too.
      await changeEnv(app, (env) => env.set('GIT_REV', deploying.commit));
      const good = await build(app, deploying, control.signal);
      record.status = good ? 'succeeded' : control.signal.aborted ? 'canceled' : 'failed';
      return good;
    } catch (error) {
      record.status = 'failed';
      deploying.out(` !     ${(error as Error).message}`);
      return false;
    } finally {
      record.finishedAt = now();
      app.deploying = undefined;
      app.locked = false;
    }
  };

  const preReceive =
    (app: App): PreReceive =>
    async (push: Push) => {
      for (const { ref, newId } of push.updates) {
        const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
        if (app.deployBranch === undefined && branch !== undefined && branch !== 'master') {
          push.out(warning(`Set ${branch} as deploy-branch`));
          app.deployBranch = branch;
        }
        const wanted = app.deployBranch ?? 'master';
        if (branch !== wanted) {
          push.out(warning(`WARNING: deploy did not complete, you must push to ${wanted}.`));
          push.out(warning(`for example, try 'git push <dokku> ${branch ?? ref}:${wanted}'`));
          continue;
        }
        app.deployBranch ??= branch;
        if (!(await deploy(app, { commit: newId, env: push.env, out: push.out, source: 'git-hook' })))
          return false;
      }
      return true;
    };

  const release: SandboxHost['release'] = async (app, { out, source }) => {
    const branch = app.deployBranch ?? 'master';
    const commit = await repositories.idOf(app.name, branch);
    if (commit === undefined) {
      out(
        `${warning(`WARNING: Cannot build from '${branch}' as there are no commits stored at that branch.`)}\n`,
      );
      return 1;
    }
    return (await deploy(app, { commit, out: (line) => out(`${line}\n`), source })) ? 0 : 1;
  };

  const removeApp = async (app: App): Promise<void> => {
    state.apps.delete(app.name);
    app.deploying?.abort('destroyed');
    await app.web?.stop();
    await rm(repositories.folderOf(app.name), { recursive: true, force: true });
  };

  // As the host's folders are listed: by plugin, then by name.
  const services = () =>
    byName([...state.services]).flatMap(([, made]) => byName([...made]).map(([, service]) => service));

  return {
    state,
    folder,
    domain,
    get webPort() {
      return options.webPort();
    },
    now,
    repositories,
    preReceive,
    services,
    release,
    removeApp,
    urls,
    rebuildProxy: (call, name) => {
      const broken = [...state.apps.values()].find(breaksProxy);
      if (!broken) {
        const configured = state.apps.get(name)?.domains ?? [];
        const words = configured.map(
          (domainName) => `-----> Configuring ${domainName}...(using built-in template)\n`,
        );
        call.out(`${words.join('')}-----> Creating http nginx.conf\n       Reloading nginx\n`);
        if (!call.quiet && !state.apps.get(name)?.deployed)
          call.err(` !     No web listeners specified for ${name}\n`);
        return 0;
      }
      call.err(
        'nginx: [emerg] could not build server_names_hash, you should increase server_names_hash_bucket_size: 64\n',
      );
      call.err('nginx: configuration file /etc/nginx/nginx.conf test failed\n');
      return 1;
    },
    close: async () => {
      await Promise.all([...state.apps.values()].map((app) => removeApp(app)));
      await Promise.all(services().map((service) => service.stop()));
    },
  };
};
