// `npm run demo`: a review app from start to end, on a sandbox on this machine. A branch of a small Node and Postgres app gets a review
// app with a migrated database, a second push changes both, and stopping it removes everything. Nothing is left behind.
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';

type Variables = Readonly<Record<string, string>>;

/** A failure that the log above has already explained. */
class DemoError extends Error {}

const main = join(import.meta.dirname, '..', 'src', 'main.ts');
const branch = 'add-greetings';

const passedVariables = /^(PATH|HOME|TMPDIR|TERM|LANG|LC_.*|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|(https?|no)_proxy|NO_COLOR)$/i;

/** This environment without hosts, tokens and webhooks that were set for other deploys. */
const baseEnv: Variables = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (passedVariables.test(name) ? [[name, value]] : [])),
);

const folder = mkdtempSync(join(tmpdir(), 'dokku-deploy-demo-'));
const startTime = Date.now();
try {
  const repository = join(folder, 'guestbook');
  await createRepository(repository);
  printTitle('0. Start a Dokku-like host on this machine (dokku-deploy sandbox)');
  const host = await startHost();
  print(`DOKKU_HOST=${host.variables.DOKKU_HOST}`);
  try {
    await runDemo(repository, host.variables);
  } finally {
    await host.stop();
  }
  printTitle(`Finished in ${((Date.now() - startTime) / 1000).toFixed(1)} s. The app and the database ran for real, and nothing is left of them.`);
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  print(`\nThe demo failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function createRepository(repository: string): Promise<void> {
  const isSource = (path: string): boolean => !path.endsWith('node_modules');
  cpSync(join(import.meta.dirname, 'node-postgres'), repository, { recursive: true, filter: isSource });
  // The example requires Node 24, which a real host would use. On this machine's Node, npm would warn in each build.
  writeFileSync(join(repository, '.npmrc'), 'loglevel=error\n');
  await git(repository, 'init', '-q', '-b', 'main');
  await git(repository, 'add', '-A');
  await git(repository, 'commit', '-q', '-m', 'Show greetings from Postgres');
  await git(repository, 'checkout', '-q', '-b', branch);
  appendFileSync(join(repository, 'README.md'), '\nThis branch has a review app.\n');
  await git(repository, 'commit', '-q', '-a', '-m', 'Mention the review app');
}

async function git(repository: string, ...args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.com'];
  return (await execa('git', [...identity, ...args], { cwd: repository })).stdout;
}

function printTitle(line: string): void {
  print(`\n\u001b[1m${line}\u001b[0m`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Starts a sandbox and reads the variables that it prints. */
async function startHost() {
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
}

async function runDemo(repository: string, host: Variables): Promise<void> {
  printTitle(`1. The branch ${branch} gets an app with its own migrated Postgres database`);
  const url = await deploy(repository, host, 'review', 'start');
  print(url);
  await showPage(url);
  printTitle('2. A second push adds a migration. Only the changes are sent.');
  await addMigration(repository);
  await deploy(repository, host, 'review', 'start');
  await showPage(url);
  printTitle('3. The branch is merged. The app and its database are removed.');
  await deploy(repository, host, 'review', 'stop');
  await showPage(url);
}

/** Runs `dokku-deploy` as a job would, with its log on our stderr. Returns what it prints on stdout. */
async function deploy(repository: string, host: Variables, ...args: readonly string[]): Promise<string> {
  print(`$ dokku-deploy ${args.join(' ')}`);
  const env = { ...baseEnv, ...(await jobVariables(repository)), ...host };
  const options = { cwd: repository, env, extendEnv: false, stderr: 'inherit', stdin: 'ignore', reject: false } as const;
  const { stdout, exitCode } = await execa(process.execPath, [main, ...args], options);
  if (exitCode !== 0) throw new DemoError(`dokku-deploy ${args.join(' ')} exited with code ${exitCode}.`);
  return stdout.trim();
}

/** The variables that GitLab sets for a job of this branch. */
async function jobVariables(repository: string): Promise<Variables> {
  return {
    CI_PROJECT_ID: '1',
    CI_PROJECT_PATH: 'demo/guestbook',
    CI_PROJECT_NAME: 'guestbook',
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_SLUG: branch,
    CI_COMMIT_SHA: await git(repository, 'rev-parse', 'HEAD'),
    CI_ENVIRONMENT_NAME: `review/${branch}`,
  };
}

async function showPage(url: string): Promise<void> {
  print(`$ curl -i ${url}`);
  print((await fetchPage(url)).trim().replace(/^/gm, '    '));
}

/** Requests a page as a browser does: `*.localhost` is this machine, even if the resolver does not know the name. */
async function fetchPage(url: string): Promise<string> {
  const { host, port } = new URL(url);
  const [response] = await once(get({ host: '127.0.0.1', port, path: '/', headers: { host } }), 'response');
  return `HTTP ${response.statusCode}\n${await text(response)}`;
}

async function addMigration(repository: string): Promise<void> {
  const statement = "INSERT INTO greetings (author, words) VALUES ('migration 002', 'and this one came with the second push');\n";
  writeFileSync(join(repository, 'migrations', '002-another.sql'), statement);
  await git(repository, 'add', 'migrations');
  await git(repository, 'commit', '-q', '-m', 'Add another greeting');
}
