import { z } from 'zod';
import { reportDockerOptions } from '../dokku/app-settings.ts';
import { addDockerOption, type Phase, phases, removeDockerOption } from '../dokku/docker-options.ts';
import { notJsonError } from '../dokku/refusal-errors.ts';
import { checkOption } from './docker-option.ts';
import { readJson } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

const options = z
  .array(z.string({ error: 'expected a list of options such as --shm-size=256m' }).trim().min(1))
  .optional();

const schema = z
  .strictObject({
    build: options.describe('Options of docker build.'),
    deploy: options.describe('Options of the app’s containers.'),
    run: options.describe('Options of the containers of run, and of the scripts in app.json.'),
  })
  .describe(
    'Options that Docker gets, for example --shm-size=256m. Those of the services’ links and others that the file never declared are left alone. They are shown in plans, so they must not contain secrets. Count from the next deploy.',
  );

type DockerOptionsEntry = z.infer<typeof schema>;

/** The options of each phase. */
type DockerOptions = Readonly<Record<Phase, readonly string[]>>;

/** What links, mounts and the restart policy add. */
const ofDokku = /^(--link[ =]|--restart[ =]|-v |--volume[ =])/;

/** `docker_options`: what Docker gets besides what Dokku gives to it. */
export const dockerOptions: Setting<DockerOptionsEntry, DockerOptions, DockerOptions> = {
  key: 'docker_options',
  schema,
  resolve,
  parts: (declared) => phases.flatMap((phase) => declared[phase].map((option) => partOf(phase, option))),
  questions: (app) => [reportDockerOptions(app)],
  read: ([answer], app) => {
    const command = reportDockerOptions(app);
    const report = new Map(Object.entries(readJson(answer, command) ?? {}));
    return byPhase((phase) => {
      const list: unknown = report.get(`${phase}-list`);
      if (!Array.isArray(list)) throw notJsonError(command, new SyntaxError(`it has no ${phase}-list`));
      return list.map(String);
    });
  },
  declare: (current) => {
    const own = phases.map(
      (phase) => [phase, current[phase].filter((option) => !ofDokku.test(option))] as const,
    );
    const set = own.filter(([, list]) => list.length > 0);
    return set.length === 0 ? undefined : Object.fromEntries(set);
  },
  fresh: () => byPhase(() => []),
  changes,
};

function byPhase(list: (phase: Phase) => readonly string[]): DockerOptions {
  return { build: list('build'), deploy: list('deploy'), run: list('run') };
}

function resolve(entry: DockerOptionsEntry, resolver: SettingResolver): DockerOptions {
  return byPhase((phase) => {
    const found = (entry[phase] ?? []).map((raw, index) =>
      checkOption(raw, { phase, at: `${phase}.${index}` }, resolver),
    );
    return [...new Set(found)];
  });
}

function partOf(phase: Phase, option: string): string {
  return `${phase} ${option}`;
}

function changes(
  app: string,
  current: DockerOptions,
  declared: DockerOptions = byPhase(() => []),
  known: Known,
): Change[] {
  // Dokku passes an option to Docker as often as it is stored.
  const twice = byPhase((phase) => declared[phase].filter((option) => count(current[phase], option) > 1));
  const removed = byPhase((phase) => [
    ...new Set(
      current[phase].filter(
        (option) => !declared[phase].includes(option) && known.wasDeclared(partOf(phase, option)),
      ),
    ),
    ...twice[phase],
  ]);
  const added = byPhase((phase) => declared[phase].filter((option) => count(current[phase], option) !== 1));
  const commands = [
    ...groupByOption(removed).map(([option, inPhases]) => removeDockerOption(app, inPhases, option)),
    ...groupByOption(added).map(([option, inPhases]) => addDockerOption(app, inPhases, option)),
  ];
  if (commands.length === 0) return [];
  const own = byPhase((phase) =>
    current[phase].filter((option) => removed[phase].includes(option) || declared[phase].includes(option)),
  );
  return [
    {
      id: 'docker-options',
      title: `Set the Docker options of ${app}`,
      before: describe(own),
      after: describe(declared),
      commands,
      phase: 'before-deploy',
      effect: 'next-deploy',
      repeat: 'only what is missing is added, and what is stored twice is put right',
    },
  ];
}

function count(list: readonly string[], option: string): number {
  return list.filter((one) => one === option).length;
}

/** Returns each option with its phases, since one command takes several. */
function groupByOption(lists: DockerOptions): [option: string, inPhases: Phase[]][] {
  const all = new Set(phases.flatMap((phase) => lists[phase]));
  return [...all].map((option) => [option, phases.filter((phase) => lists[phase].includes(option))]);
}

function describe(lists: DockerOptions): string {
  const parts = phases.flatMap((phase) =>
    lists[phase].length === 0 ? [] : [`${phase} ${lists[phase].join(' ')}`],
  );
  return parts.length === 0 ? 'none' : parts.join('; ');
}
