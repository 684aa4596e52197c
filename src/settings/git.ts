import { z } from 'zod';
import { unsetConfig } from '../dokku/config.ts';
import {
  changeProperties,
  declareProperties,
  freshProperties,
  type Property,
  type PropertyValues,
} from './properties.ts';
import { readReport } from './report.ts';
import type { Change, Setting, SettingResolver } from './setting.ts';

const schema = z
  .strictObject({
    deploy_branch: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('The branch of the app’s repository on the host that is deployed. Default: master'),
    keep_git_dir: z
      .boolean()
      .optional()
      .describe('Whether the folder .git is kept in the build. Default: false'),
    rev_env_var: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe(
        'The variable that gets the deployed revision. With another name than the default, a deploy no longer sees which commit was tried last, and builds nothing again after a failed one that went back. Default: GIT_REV',
      ),
  })
  .describe('How Dokku treats the app’s repository.');

type Entry = z.infer<typeof schema>;

const defaultVariable = 'GIT_REV';

const properties: readonly Property[] = [
  {
    part: 'deploy_branch',
    plugin: 'git',
    property: 'deploy-branch',
    label: 'deploy branch',
    effect: 'at-once',
  },
  {
    part: 'keep_git_dir',
    plugin: 'git',
    property: 'keep-git-dir',
    label: 'keeping of .git',
    effect: 'next-deploy',
  },
  {
    part: 'rev_env_var',
    plugin: 'git',
    property: 'rev-env-var',
    label: 'variable of the revision',
    // Without a value Dokku sets no variable at all any more (facts-2, F74).
    unset: defaultVariable,
    effect: 'next-deploy',
  },
];

interface AppGit {
  readonly values: PropertyValues;
  /** The branch that is deployed without one of the app's own. */
  readonly globalBranch: string;
}

/** `git`: what Dokku does with the repository of an app. */
export const git: Setting<Entry, PropertyValues, AppGit> = {
  key: 'git',
  schema,
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => [{ words: ['git:report', app, '--format', 'json'] }],
  read: (answers, app) => {
    const report = readReport(answers[0], { words: ['git:report', app, '--format', 'json'] });
    const values = properties.map(({ part, property }) => [part, report.get(property) ?? ''] as const);
    return {
      values: Object.fromEntries(values),
      globalBranch: report.get('global-deploy-branch') || 'master',
    };
  },
  declare: ({ values }) => {
    const own = declareProperties(properties, values);
    if (own === undefined) return undefined;
    const { keep_git_dir: keep, ...others } = own;
    return keep === undefined ? others : { ...others, keep_git_dir: keep === 'true' };
  },
  fresh: () => ({ values: freshProperties(properties), globalBranch: 'master' }),
  changes: (app, { values: current }, declared = {}, known) =>
    changeProperties(app, properties, { current, declared, known }).map((change) =>
      forgetRevision(app, change),
    ),
};

/** A GIT_REV that is no longer updated would name an old revision as the one that was tried last. */
function forgetRevision(app: string, change: Change): Change {
  if (change.id !== 'git-rev-env-var' || change.after === 'default') return change;
  return { ...change, commands: [...change.commands, unsetConfig(app, [defaultVariable])] };
}

function resolve(entry: Entry, resolver: SettingResolver): PropertyValues | undefined {
  const { deploy_branch, keep_git_dir, rev_env_var } = entry;
  const declared = {
    ...(deploy_branch === undefined ? {} : { deploy_branch: resolveBranch(deploy_branch, resolver) }),
    ...(keep_git_dir === undefined ? {} : { keep_git_dir: String(keep_git_dir) }),
    ...(rev_env_var === undefined ? {} : { rev_env_var: resolveVariable(rev_env_var, resolver) }),
  };
  return Object.keys(declared).length > 0 ? declared : undefined;
}

/** Dokku stores anything, and its git commands split on spaces. A commit’s id makes later rebuilds fail (facts-2, F20). */
function resolveBranch(raw: string, resolver: SettingResolver): string {
  const branch = resolver.text(raw, 'deploy_branch');
  const isBranch =
    /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(branch) && !/\.\.|\/\/|\.lock$|[./]$|^refs\//.test(branch);
  if ((!isBranch || /^[0-9a-f]{40}$/.test(branch)) && !branch.includes('$')) {
    resolver.problem('deploy_branch', `${JSON.stringify(branch)} is not a branch`, 'Write its name: main.');
  }
  return branch;
}

function resolveVariable(raw: string, resolver: SettingResolver): string {
  const name = resolver.text(raw, 'rev_env_var');
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('DOKKU_');
  if (!isName && !name.includes('$'))
    resolver.problem(
      'rev_env_var',
      `${JSON.stringify(name)} cannot be the variable`,
      'Write a name such as COMMIT.',
    );
  return name;
}
