// `npm run demo`: the main job on the embedded host, for real. A branch of a small Node and Postgres app gets a review
// app with a migrated database, a second push changes both, and stopping it removes all of it. Nothing is left behind.
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';

type Variables = Readonly<Record<string, string>>;

const main = join(import.meta.dirname, '..', 'src', 'main.ts');
const branch = 'add-greetings';

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const title = (line: string): void => say(`\n\u001b[1m${line}\u001b[0m`);

const git = async (folder: string, ...words: readonly string[]): Promise<string> => {
  const identity = ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.com'];
  return (await execa('git', [...identity, ...words], { cwd: folder })).stdout;
};

const makeRepository = async (folder: string): Promise<void> => {
  const isSource = (path: string): boolean => !path.endsWith('node_modules');
  cpSync(join(import.meta.dirname, 'node-postgres'), folder, { recursive: true, filter: isSource });
  // The example asks for Node 24, as a real host gives it; npm would warn of each build on this machine's Node.
  writeFileSync(join(folder, '.npmrc'), 'loglevel=error\n');
  await git(folder, 'init', '-q', '-b', 'main');
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-q', '-m', 'Show greetings from Postgres');
  await git(folder, 'checkout', '-q', '-b', branch);
  appendFileSync(join(folder, 'README.md'), '\nThis branch has a review app.\n');
  await git(folder, 'commit', '-q', '-a', '-m', 'Say that this branch has a review app');
};

const changePage = async (folder: string): Promise<void> => {
  const statement = "INSERT INTO greetings (author, words) VALUES ('migration 002', 'and this one came with the second push');\n";
  writeFileSync(join(folder, 'migrations', '002-another.sql'), statement);
  await git(folder, 'add', 'migrations');
  await git(folder, 'commit', '-q', '-m', 'Greet once more');
};

const passedVariables = /^(PATH|HOME|TMPDIR|TERM|LANG|LC_.*|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|(https?|no)_proxy|NO_COLOR)$/i;

/** The surroundings, without what a pipeline or a person has set for other deploys: their hosts, tokens and hooks. */
const baseEnv: Variables = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (passedVariables.test(name) ? [[name, value]] : [])),
);

/** What GitLab sets for a job of this branch. */
const jobVariables = async (folder: string): Promise<Variables> => ({
  CI_PROJECT_ID: '1',
  CI_PROJECT_PATH: 'demo/guestbook',
  CI_PROJECT_NAME: 'guestbook',
  CI_COMMIT_REF_NAME: branch,
  CI_COMMIT_REF_SLUG: branch,
  CI_COMMIT_SHA: await git(folder, 'rev-parse', 'HEAD'),
  CI_ENVIRONMENT_NAME: `review/${branch}`,
});

/** Starts the embedded host and reads the variables that it prints. */
const startHost = async () => {
  const child = execa(process.execPath, [main, 'sandbox'], { env: baseEnv, extendEnv: false, reject: false, buffer: false });
  const variables: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name = '', value = ''] = /^(\w+)='(.*)'$/.exec(line) ?? [];
    variables[name] = value;
    if (name === 'SSH_KNOWN_HOSTS') break;
  }
  return {
    variables,
    stop: async () => {
      child.kill('SIGTERM');
      await child;
    },
  };
};

/** Runs `dokku-deploy` as a job would, its story in view; gives what it printed as its result. */
const runDeployer = (folder: string, host: Variables) => async (...words: readonly string[]): Promise<string> => {
  say(`$ dokku-deploy ${words.join(' ')}`);
  const env = { ...baseEnv, ...(await jobVariables(folder)), ...host };
  const options = { cwd: folder, env, extendEnv: false, stderr: 'inherit', stdin: 'ignore', reject: false } as const;
  const { stdout, exitCode } = await execa(process.execPath, [main, ...words], options);
  if (exitCode !== 0) throw new DemoError(`dokku-deploy ${words.join(' ')} ended with exit code ${exitCode}.`);
  return stdout.trim();
};

/** Ends the demo: what was wrong has been told. */
class DemoError extends Error {}

/** Asks for a page as a browser does: `*.localhost` is this machine, whatever its resolver thinks of the name. */
const fetchPage = async (url: string): Promise<string> => {
  const { host, port } = new URL(url);
  const [response] = await once(get({ host: '127.0.0.1', port, path: '/', headers: { host } }), 'response');
  return `HTTP ${response.statusCode}\n${await text(response)}`;
};

const show = async (url: string): Promise<void> => {
  say(`$ curl -i ${url}`);
  say((await fetchPage(url)).trim().replace(/^/gm, '    '));
};

const runDemo = async (folder: string, host: Variables): Promise<void> => {
  const deploy = runDeployer(folder, host);
  title(`1. The branch ${branch} gets an app, a Postgres of its own, and its migrations`);
  const url = await deploy('review', 'start');
  say(url);
  await show(url);
  title('2. A second push: one more migration; only what changed is sent');
  await changePage(folder);
  await deploy('review', 'start');
  await show(url);
  title('3. The branch is merged: the app and its database go');
  await deploy('review', 'stop');
  await show(url);
};

const folder = mkdtempSync(join(tmpdir(), 'dokku-deploy-demo-'));
const began = Date.now();
try {
  const repository = join(folder, 'guestbook');
  await makeRepository(repository);
  title('0. A Dokku-like host starts on this machine (dokku-deploy sandbox)');
  const host = await startHost();
  say(`DOKKU_HOST=${host.variables.DOKKU_HOST}`);
  try {
    await runDemo(repository, host.variables);
  } finally {
    await host.stop();
  }
  title(`Done in ${((Date.now() - began) / 1000).toFixed(1)} s: all of it was real, and nothing of it is left.`);
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  say(`\nThe demo did not get through: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
