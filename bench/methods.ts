import { execa } from 'execa';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Project } from './project.ts';

/** A way to deploy a review app and to remove it. */
export interface Method {
  readonly name: string;
  readonly deploy: (app: string) => Promise<unknown>;
  readonly stop: (app: string) => Promise<unknown>;
}

interface MethodOptions {
  readonly project: Project;
  readonly sandbox: Sandbox;
  /** The port on which the host is reached. */
  readonly port: number;
}

/** The app that the official image clones for each review app. */
export const baseApp = 'base';

/** Returns the methods to compare. The binary must have been built. */
export async function createMethods({ project, sandbox, port }: MethodOptions): Promise<Method[]> {
  const knownHosts = sandbox.knownHosts.replace(/^\S+/, `[127.0.0.1]:${port}`);
  const key = await project.writeSecret('key', sandbox.privateKey);
  const hosts = await project.writeSecret('hosts', knownHosts);
  const runScript = (script: string) => (app: string) =>
    execa('sh', ['-euc', functions + script], {
      cwd: project.folder,
      env: { KEY: key, HOSTS: hosts, PORT: String(port), APP: app, BASE: baseApp },
    });
  const runBinary = (command: string) => (app: string) =>
    execa(binary, ['review', command, '--app', app], {
      cwd: project.folder,
      env: {
        ...sandbox.env,
        DOKKU_HOST: `127.0.0.1:${port}`,
        SSH_KNOWN_HOSTS: knownHosts,
        CI_PROJECT_ID: '1',
        CI_PROJECT_PATH: 'bench/app',
        CI_COMMIT_REF_NAME: app,
        CI_COMMIT_REF_SLUG: app,
      },
    });
  return [
    { name: 'dokku-deploy', deploy: runBinary('start'), stop: runBinary('stop') },
    { name: 'script', deploy: runScript(scriptDeploy), stop: runScript(scriptStop) },
    { name: 'official image', deploy: runScript(officialDeploy), stop: runScript(officialStop) },
  ];
}

const binary = new URL('../dist/dokku-deploy', import.meta.url).pathname;

const functions = `
ssh_() { ssh -F /dev/null -i "$KEY" -o UserKnownHostsFile="$HOSTS" -o IdentitiesOnly=yes -p "$PORT" -- dokku@127.0.0.1 "$@"; }
push() {
  GIT_SSH_COMMAND="ssh -F /dev/null -i $KEY -o UserKnownHostsFile=$HOSTS -o IdentitiesOnly=yes" \\
    git push "$@" "ssh://dokku@127.0.0.1:$PORT/$APP" HEAD:refs/heads/master
}
`;

/** The script that people paste into a job, with one ssh per command. */
const scriptDeploy = `
ssh_ apps:exists "$APP" 2>/dev/null || ssh_ apps:create "$APP"
ssh_ config:set --no-restart "$APP" GREETING=hello
ssh_ redis:exists "$APP-redis" 2>/dev/null || ssh_ redis:create "$APP-redis"
ssh_ redis:linked "$APP-redis" "$APP" 2>/dev/null || ssh_ redis:link "$APP-redis" "$APP" --no-restart
push --force
ssh_ urls "$APP"
`;

const scriptStop = `
ssh_ --force apps:destroy "$APP"
ssh_ redis:destroy "$APP-redis" --force
`;

/** The commands that dokku/ci-docker-image runs for a review app. It creates no service and sets no configuration. */
const officialDeploy = `
ssh_ apps:clone --skip-deploy --ignore-existing "$BASE" "$APP"
push --force
`;

const officialStop = 'ssh_ --force apps:destroy "$APP"';
