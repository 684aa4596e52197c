import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { resolveAccess } from '../access/access.ts';
import { formatAddress } from '../access/host-address.ts';
import { askAll, type HostAccess } from '../apply/ask.ts';
import { checkEnvironmentAppName } from '../context/name-rules.ts';
import { listApps } from '../dokku/app-settings.ts';
import { exportConfig } from '../dokku/config.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { readAppList, readConfigOrFail } from '../dokku/reports.ts';
import { appLinks, findLinkedServices, type ServiceId } from '../dokku/services.ts';
import { readJobInput } from '../environment/job-input.ts';
import { DeployError } from '../errors.ts';
import { declareApp, settingQuestions } from '../plan/app-block.ts';
import { configurationError, findNearest, type Problem } from '../problems.ts';
import { formatAppBlock } from '../report/app-block.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { createRedactor, type Redactor } from './redactor.ts';
import { sleepUntilStop } from './run-context.ts';

/** The arguments of `import`. */
export interface ImportFlags {
  readonly app: string;
  /** The environment of the block; undefined to derive it from the app's name. */
  readonly environment: string | undefined;
  /** The host; undefined for DOKKU_HOST. */
  readonly host: string | undefined;
  /** A new file; undefined for standard output. */
  readonly output: string | undefined;
}

/**
 * Writes the block of the configuration file that declares an app as it is on the host; changes nothing there. Returns the exit
 * code.
 *
 * Throws `usage`, `configuration` for a missing variable, `host-refused` if there is no such app, and what `askAll` throws.
 */
export async function importApp(world: World, flags: ImportFlags): Promise<number> {
  const { app } = flags;
  const wrong = checkEnvironmentAppName(app);
  if (wrong) throw new DeployError('usage', { message: `import: ${JSON.stringify(app)} ${wrong}.` });
  const jobInput = await readJobInput(world);
  const redactor = createRedactor(jobInput);
  const problems: Problem[] = [];
  const text = flags.host ?? jobInput.variables.DOKKU_HOST;
  const where = flags.host === undefined ? 'DOKKU_HOST' : '--host';
  const access = await resolveAccess(jobInput, text === undefined ? undefined : { where, text }, problems);
  if (!access || problems.length > 0) throw configurationError(problems);
  const warn = (message: string): void => void world.stderr.write(`Warning: the host key: ${message}\n`);
  await using host = createSshHost({ access, warn });
  const block = declareApp(await readApp(app, createAccess(host, world), redactor));
  const environment = flags.environment ?? guessEnvironment(app);
  const yaml = redactor.redact(
    formatAppBlock(block, { app, environment, host: formatAddress(access.address) }),
  );
  if (flags.output === undefined) world.stdout.write(yaml);
  else await writeNew(flags.output, yaml, world);
  return 0;
}

function createAccess(host: HostAccess['host'], { now, stop }: World): HostAccess {
  const sleep = (milliseconds: number) => sleepUntilStop(milliseconds, stop);
  return { host, vault: new Map(), now, sleep, sleepThroughStop: sleep, stop };
}

async function readApp(app: string, hostAccess: HostAccess, redactor: Redactor) {
  const command = exportConfig(app);
  const [exported, ...answers] = await askAll([command, ...settingQuestions(app)], hostAccess);
  if (exported?.kind !== 'answered') throw await missingError(app, exported?.stderr ?? '', hostAccess);
  const config = readConfigOrFail(command, exported.stdout);
  redactor.addAppConfig(config);
  return { app, config, answers, linked: await readLinks(app, config, hostAccess) };
}

async function missingError(app: string, stderr: string, hostAccess: HostAccess): Promise<DeployError> {
  const [list] = await askAll([listApps()], hostAccess);
  if (list?.kind !== 'answered')
    return refusedError(listApps(), list ?? { kind: 'refused', exit: 1, stdout: '', stderr: '' });
  const names = readAppList(list.stdout);
  const near = findNearest(app, names);
  return new DeployError('host-refused', {
    message: `The host has no app ${app}, or does not show its configuration.`,
    said: cleanHostOutput(stderr),
    remedy: near === undefined ? `It has: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`,
  });
}

/** The URL of a service has dashes where its name has underscores: its plugin lists the exact name. */
async function readLinks(
  app: string,
  config: ReadonlyMap<string, string>,
  hostAccess: HostAccess,
): Promise<ServiceId[]> {
  const plugins = [...new Set(findLinkedServices(config).map(({ plugin }) => plugin))];
  const answers = await askAll(
    plugins.map((plugin) => appLinks(plugin, app)),
    hostAccess,
  );
  return answers.flatMap((answer, index) => {
    const names = answer.kind === 'answered' ? answer.stdout.split('\n') : [];
    return names
      .map((name) => name.trim())
      .filter((name) => /^[A-Za-z0-9_-]+$/.test(name))
      .map((name) => ({ plugin: plugins[index] ?? '', name }));
  });
}

function guessEnvironment(app: string): string {
  return /-(staging|testing|development|qa|demo)$/.exec(app)?.[1] ?? 'production';
}

async function writeNew(path: string, text: string, { cwd, stdout }: World): Promise<void> {
  try {
    // Fails if the name exists, even as a link.
    await using file = await open(resolve(cwd, path), 'wx');
    await file.writeFile(text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DeployError('usage', {
      message: `--output: ${path} was not written: ${code === 'EEXIST' ? 'the file exists' : message}.`,
      remedy: 'Name a new file, or omit --output.',
    });
  }
  stdout.write(`Wrote ${path}\n`);
}
