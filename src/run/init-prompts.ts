import { checkbox, confirm, input, select } from '@inquirer/prompts';
import type { Answers } from '../init/answers.ts';
import { checkHost, checkNewEnvironment, checkPlainName, checkService } from '../init/checks.ts';
import type { ProjectFacts } from '../init/detect.ts';
import { parseService, splitWords } from '../init/words.ts';
import type { World } from '../world.ts';

interface PromptsInput {
  readonly world: World;
  readonly facts: ProjectFacts;
  /** What is proposed. */
  readonly defaults: Answers;
  /** Whether pages for a route map were found. */
  readonly hasPages: boolean;
}

/** Asks for everything in the terminal. Throws the library's ExitPromptError if the user leaves with Ctrl-C. */
export async function askAnswers({ world, facts, defaults, hasPages }: PromptsInput): Promise<Answers> {
  const context = { input: world.stdin, output: world.stdout, signal: world.stop };
  const askText = (message: string, proposed: string, check: (text: string) => string | undefined) =>
    input({ message, default: proposed, validate: (text) => describe(text.trim(), check) }, context);
  const host = await askText('Address of the Dokku host (empty: not known yet)', defaults.host, checkHost);
  const services = facts.hasConfiguration ? [] : await askServices(facts, defaults, context);
  const reviewApps = await confirm(
    { message: 'A review app for each branch?', default: defaults.reviewApps },
    context,
  );
  const environments = await askText(
    'Environments, separated by spaces; production and all but the first are deployed by hand',
    defaults.environments.join(' '),
    checkWords(checkNewEnvironment),
  );
  const pipeline = await select(
    {
      message: facts.hasPipeline ? 'What to add to .gitlab-ci.yml?' : 'What to write to .gitlab-ci.yml?',
      choices: [
        { value: 'component' as const, name: 'the component (GitLab 17.0 or newer)' },
        { value: 'jobs' as const, name: 'plain jobs' },
        { value: 'none' as const, name: 'nothing' },
      ],
      default: defaults.pipeline,
    },
    context,
  );
  const component =
    pipeline === 'component'
      ? await askText('Project of dokku-deploy on your GitLab', defaults.component, checkPlainName)
      : defaults.component;
  const image =
    pipeline === 'none' ? defaults.image : await askText('Image of the jobs', defaults.image, checkPlainName);
  const routeMap =
    hasPages &&
    (await confirm(
      { message: 'Write .gitlab/route-map.yml, so that merge requests link to pages?' },
      context,
    ));
  return {
    host: host.trim(),
    services,
    reviewApps,
    environments: splitWords(environments),
    pipeline,
    component: component.trim(),
    image: image.trim(),
    routeMap,
    key: await askKey(context),
  };
}

type PromptContext = Parameters<typeof input>[1];

async function askServices(
  facts: ProjectFacts,
  { services }: Answers,
  context: PromptContext,
): Promise<Answers['services']> {
  if (facts.services.length === 0) {
    const message = 'Services (postgres mysql redis …), separated by spaces; empty for none';
    const text = await input(
      { message, validate: (words) => describe(words.trim(), checkWords(checkService)) },
      context,
    );
    return splitWords(text).map(parseService);
  }
  return checkbox(
    {
      message: 'Services of each app',
      choices: facts.services.map(({ type, version, reason }) => ({
        value: { type, version },
        name: `${type}${version === undefined ? '' : ` ${version}`} (${reason})`,
        checked: services.some((service) => service.type === type),
      })),
    },
    context,
  );
}

async function askKey(context: PromptContext): Promise<Answers['key']> {
  const kind = await select(
    {
      message: 'Make a deploy key?',
      choices: [
        { value: 'none' as const, name: 'no: print the commands that make one' },
        { value: 'print' as const, name: 'yes, and show its private half here, once' },
        { value: 'file' as const, name: 'yes, and write its private half to a file' },
      ],
    },
    context,
  );
  if (kind !== 'file') return { kind };
  const path = await input({ message: 'File outside the project', required: true }, context);
  return { kind, path: path.trim() };
}

function describe(text: string, check: (text: string) => string | undefined): true | string {
  const wrong = check(text);
  return wrong === undefined ? true : `It ${wrong}.`;
}

function checkWords(check: (text: string) => string | undefined) {
  return (text: string): string | undefined =>
    splitWords(text)
      .map(check)
      .find((wrong) => wrong !== undefined);
}
