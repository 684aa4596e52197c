import { once } from 'node:events';
import type { SandboxOptions } from '../../sandbox/sandbox.ts';
import { DeployError } from '../errors.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';

/**
 * Starts a sandbox. With a command, runs it and returns its exit code. Without one, prints the variables for a job as
 * an env file and runs until the stop signal. Throws `usage`.
 */
export async function sandboxCommand(world: World, args: CommandArguments): Promise<number> {
  const { startSandbox } = await import('../../sandbox/sandbox.ts');
  const services = await parseServiceList(args.flags.services);
  await using sandbox = await startSandbox({ ...buildOptions(args, world), services });
  const { DOKKU_HOST, SSH_PRIVATE_KEY, SSH_KNOWN_HOSTS } = sandbox.env;
  if (args.positional.length > 0) return await runInside(args.positional, sandbox.env, world);
  const key = Buffer.from(SSH_PRIVATE_KEY).toString('base64');
  world.stdout.write(
    `DOKKU_HOST=${quoteShell(DOKKU_HOST)}\nSSH_PRIVATE_KEY=${quoteShell(key)}\nSSH_KNOWN_HOSTS=${quoteShell(SSH_KNOWN_HOSTS.trim())}\n`,
  );
  world.stderr.write(
    `A Dokku-like host listens on ${DOKKU_HOST}; apps are served under http://<app>.localhost:${sandbox.webPort}\n`,
  );
  if (!world.stop.aborted) await once(world.stop, 'abort');
  return 0;
}

/** Parses `--services`. Throws `usage` for a plugin that the sandbox does not implement. */
async function parseServiceList(list: string | boolean | undefined): Promise<readonly string[] | undefined> {
  if (typeof list !== 'string') return undefined;
  const { serviceTypes } = await import('../../sandbox/services/service-types.ts');
  const known = serviceTypes.map(({ plugin }) => plugin);
  const wanted = list.split(',').filter((name) => name !== '');
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return wanted;
  throw new DeployError('usage', {
    message: `--services: the sandbox has no plugin ${JSON.stringify(unknown)}.`,
    remedy: `Choose from ${known.join(', ')}.`,
  });
}

function buildOptions({ flags }: CommandArguments, world: World): SandboxOptions {
  return {
    port: parseNumber('port', flags.port),
    webPort: parseNumber('web-port', flags.webPort),
    domain: typeof flags.domain === 'string' ? flags.domain : undefined,
    folder: typeof flags.folder === 'string' ? flags.folder : undefined,
    latency: parseNumber('latency', flags.latency),
    pace: flags.pace === 'recorded' ? 'recorded' : undefined,
    path: world.env.PATH,
    buildEnv: buildEnv(world),
  };
}

function parseNumber(name: string, value: string | boolean | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return Number(value);
  throw new DeployError('usage', {
    message: `--${name}: ${JSON.stringify(value)} is not a number from 0 to 65535.`,
  });
}

const buildVariable =
  /^(npm_config_(registry|cache|userconfig|globalconfig)|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(https?|no)_proxy)$/i;

/** The variables that a build of an app needs to reach this machine's package registry. */
function buildEnv({ env }: World): Record<string, string> {
  const { HOME } = env;
  const home =
    HOME === undefined ? {} : { npm_config_userconfig: `${HOME}/.npmrc`, npm_config_cache: `${HOME}/.npm` };
  const passed = Object.entries(env).filter(
    ([name, value]) => buildVariable.test(name) && value !== undefined,
  );
  return { ...home, ...(Object.fromEntries(passed) as Record<string, string>) };
}

/** Runs a command with the sandbox's variables. `dokku-deploy` as its first word means this program. */
async function runInside(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  world: World,
): Promise<number> {
  const { startInherited } = await import('../source/inherited-process.ts');
  const [first = '', ...rest] = words;
  const command = first === 'dokku-deploy' ? [...world.program, ...rest] : words;
  const child = startInherited(command, { cwd: world.cwd, env: { ...world.env, ...env } });
  world.stop.addEventListener('abort', () => child.kill(String(world.stop.reason)), { once: true });
  const ended = await child.ended;
  if (ended.kind === 'ended') return ended.exit;
  throw new DeployError('usage', {
    message: `${first} could not be started: ${ended.reason}`,
    remedy: 'Check the command after --.',
  });
}

/** Quotes a value for a shell and for dotenv parsers. */
function quoteShell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
