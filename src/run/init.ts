import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type JobInput, readJobInput } from '../environment/job-input.ts';
import { DeployError } from '../errors.ts';
import type { Answers } from '../init/answers.ts';
import { formatConfiguration } from '../init/configuration.ts';
import { detectProject, type ProjectFacts } from '../init/detect.ts';
import { formatInstructions } from '../init/instructions.ts';
import { formatPipeline } from '../init/pipeline.ts';
import { listPages, readRepositoryFiles } from '../init/repository-files.ts';
import { formatRouteMap } from '../init/route-map.ts';
import { homepage } from '../version.ts';
import type { World } from '../world.ts';
import { makeDeployKey } from './deploy-key.ts';
import { lookAtHost } from './look-at-host.ts';

/** The flags of `init`; what is undefined is proposed. */
export interface InitFlags {
  /** Whether nothing is asked. */
  readonly yes: boolean;
  /** Whether the host may be looked at. */
  readonly look: boolean;
  readonly given: Partial<Answers>;
}

/**
 * Sets a project up: looks at its files, asks what it cannot know, writes the files that do not exist yet, and prints what is left to
 * do. Returns the exit code. Throws `usage` without a terminal, and what `lookAtHost` throws.
 */
export async function init(world: World, flags: InitFlags): Promise<number> {
  const print = (text: string): void => void world.stdout.write(text);
  const jobInput = await readJobInput(world);
  const facts = detectProject(await readRepositoryFiles(world.cwd));
  const map = await guessRouteMap(world.cwd);
  const defaults = proposeAnswers(facts, jobInput, flags);
  if (!flags.yes) requireTerminal(world);
  print(describeFacts(facts));
  const answers = flags.yes
    ? defaults
    : await askInTerminal({ world, facts, defaults, hasPages: map !== undefined });
  const project = basename(jobInput.checkout.project);
  const remarks = flags.look ? await lookAtHost({ jobInput, answers, project, world }) : [];
  const keyName = `gitlab-ci-${project.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`;
  const key = answers.key.kind === 'none' ? undefined : await makeDeployKey(answers.key, keyName, world);
  const files = [
    { path: '.dokku-deploy.yml', text: formatConfiguration(facts, answers) },
    { path: '.gitlab-ci.yml', text: formatPipeline(answers, { isNew: !facts.hasPipeline }) },
    { path: '.gitlab/route-map.yml', text: answers.routeMap ? map : undefined },
  ];
  for (const { path, text } of files) if (text !== undefined) print(await writeOrShow(world.cwd, path, text));
  const example = isExampleImage(answers) ? [imageRemark] : [];
  for (const remark of [...facts.remarks, ...remarks, ...example]) print(`\n${remark}\n`);
  print(`\n${formatInstructions({ facts, answers, key, keyName })}`);
  return 0;
}

const exampleImage = 'registry.example.com/tools/dokku-deploy/dokku-deployer:1';

const imageRemark = `Replace ${exampleImage} with the image that your copy of dokku-deploy publishes, or run init with --image.`;

function isExampleImage({ pipeline, image }: Answers): boolean {
  return pipeline !== 'none' && image === exampleImage;
}

function requireTerminal({ stdin, stdout }: World): void {
  if (stdin.isTTY && stdout.isTTY) return;
  throw new DeployError('usage', {
    message: 'init asks questions, and there is no terminal.',
    remedy:
      'Pass --yes, with --host and the other flags for what is not as proposed (dokku-deploy init --help).',
  });
}

async function askInTerminal(input: {
  readonly world: World;
  readonly facts: ProjectFacts;
  readonly defaults: Answers;
  readonly hasPages: boolean;
}): Promise<Answers> {
  // Loaded only here: it takes longer than any other command needs to start.
  const { askAnswers } = await import('./init-prompts.ts');
  try {
    return await askAnswers(input);
  } catch (error) {
    const { name } = error as Error;
    if (name !== 'ExitPromptError' && name !== 'AbortPromptError') throw error;
    throw new DeployError('interrupted', { message: 'init was stopped. Nothing was written.' });
  }
}

/** Returns the default answers, from the flags, the variables and the files. */
function proposeAnswers(facts: ProjectFacts, { variables }: JobInput, { given }: InitFlags): Answers {
  const path = homepage === undefined || !URL.canParse(homepage) ? '' : new URL(homepage).pathname.slice(1);
  return {
    host: variables.DOKKU_HOST ?? '',
    services: facts.services.map(({ type, version }) => ({ type, version })),
    reviewApps: true,
    environments: ['staging', 'production'],
    pipeline: 'component',
    component: path === '' ? 'tools/dokku-deploy' : path,
    image: exampleImage,
    routeMap: false,
    key: { kind: 'none' },
    ...given,
  };
}

function describeFacts({ kind, services }: ProjectFacts): string {
  const found = services.map(({ type, reason }) => `${type} (${reason})`);
  const project = kind === 'unknown' ? 'A project of an unknown kind' : `A project of this kind: ${kind}`;
  return `${project}${found.length > 0 ? `. It seems to need ${found.join(', ')}` : ''}.\n`;
}

async function guessRouteMap(cwd: string): Promise<string | undefined> {
  for (const folder of ['www', 'public', '']) {
    const pages = await listPages(join(cwd, folder));
    if (pages.includes('index.html')) return formatRouteMap(folder, pages);
  }
  return undefined;
}

/** Writes a new file. If the name exists, the file is left as it is, and its text is shown instead. Returns what to print. */
async function writeOrShow(cwd: string, path: string, text: string): Promise<string> {
  const target = resolve(cwd, path);
  try {
    await mkdir(dirname(target), { recursive: true });
    // Fails if the name exists, even as a link.
    await using file = await open(target, 'wx');
    await file.writeFile(text);
    return `Wrote ${path}\n`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'exists and is left as it is' : `could not be written (${message})`;
    return `\n${path} ${reason}. Add what it lacks of this:\n\n${text.replace(/^(?=.)/gm, '    ')}\n`;
  }
}
