import { buildContext } from '../../src/context/build-context.ts';
import type { Context } from '../../src/context/context.ts';
import type { Flags } from '../../src/context/flags.ts';
import type { CommandName } from '../../src/context/target.ts';
import type { JobInput } from '../../src/environment/job-input.ts';
import { readVariables } from '../../src/environment/variables.ts';

/** The files in a job's folder. */
export interface JobFiles {
  readonly yml?: string;
  readonly appJson?: string;
  readonly procfile?: string;
  /** Other files, by path. */
  readonly others?: Readonly<Record<string, string>>;
}

/** What a test makes a context from. */
export interface ContextQuery {
  readonly command?: CommandName;
  readonly env?: Record<string, string>;
  readonly flags?: Flags;
  readonly files?: JobFiles;
}

const job = {
  CI_COMMIT_REF_NAME: 'feature/x',
  CI_COMMIT_REF_SLUG: 'feature-x',
  CI_PROJECT_NAME: 'shop',
  CI_PROJECT_PATH: 'group/shop',
};

/** Returns the services of a context, as `plugin:name` or `plugin:name as ALIAS`. */
export async function servicesOf(query: ContextQuery): Promise<string[]> {
  const { services } = await contextOf(query);
  return services.map(({ plugin, name, as }) => `${plugin}:${name}${as ? ` as ${as}` : ''}`);
}

/** Returns the context of a job in the project `group/shop`: by default, for a review app of the branch `feature/x`. */
export function contextOf({
  command = 'review start',
  env = {},
  flags = {},
  files,
}: ContextQuery): Promise<Context> {
  return buildContext({
    command,
    flags: { hostRequirement: 'none', ...flags },
    jobInput: jobInputOf({ ...job, ...env }, files),
  });
}

/** Returns the input of a job with these variables and files. */
export function jobInputOf(
  env: Record<string, string>,
  { yml, appJson, procfile, others = {} }: JobFiles = {},
): JobInput {
  return {
    variables: readVariables(env),
    contents: {},
    env,
    empty: new Set(),
    folder: '/project',
    checkout: { branch: undefined, project: 'project' },
    configuration: yml === undefined ? undefined : { path: '.dokku-deploy.yml', text: yml },
    unreadable: [],
    appFiles: new Map([
      [
        '',
        {
          appJson: appJson === undefined ? undefined : { path: 'app.json', text: appJson },
          procfile: procfile === undefined ? undefined : { path: 'Procfile', text: procfile },
          unreadable: [],
        },
      ],
    ]),
    now: Date.now(),
    readFile: async (path) => {
      const text = new Map(Object.entries(others)).get(path);
      return text === undefined ? { path, reason: 'no such file' } : { path, text };
    },
  };
}
