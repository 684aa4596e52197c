import { type Problem, quoteValue } from '../problems.ts';
import { type CiJob, ciVariables, readCiJob } from './ci-job.ts';
import { type Env, type Found, readVariable } from './ci-systems.ts';
import { type OfficialCommand, readCommand } from './official-commands.ts';
import { type OfficialValues, readOfficialVariables } from './official-variables.ts';
import { readPushFlags } from './push-flags.ts';
import { accessVariables, type Remote, readRemote } from './remote.ts';
import { defaultReviewName } from './review-name.ts';

/** A job that was written for the official image, in terms of this tool. */
export interface TranslatedJob extends CiJob, Pick<Remote, 'sshRemote' | 'address'> {
  readonly command: OfficialCommand;
  /** The arguments of dokku-deploy that do the same. */
  readonly argv: readonly string[];
  /** The variables of that run. */
  readonly env: Env;
  /** The app that is deployed to or removed, and whether it is a review app. */
  readonly app: string;
  readonly isReviewApp: boolean;
  /** What this tool does in another way, one line each. */
  readonly notes: readonly string[];
}

/** Translates the variables of a job. Returns everything that is wrong with them if it can't. */
export function translateJob(env: Env): TranslatedJob | { readonly problems: readonly Problem[] } {
  const values = readOfficialVariables(env);
  const problems: Problem[] = [];
  const remote = readRemote(env, values, problems);
  const command = readCommand(values.COMMAND);
  if (command === undefined) problems.push(unknownCommandProblem(values.COMMAND ?? ''));
  const ci = readCiJob(env, values);
  const push = readPushFlags(values.GIT_PUSH_FLAGS ?? '');
  problems.push(...push.problems);
  if (!remote || command === undefined) return { problems };
  const target = chooseTarget(command, { app: remote.app, values, branch: ci.branch }, problems);
  if (problems.length > 0) return { problems };
  const { app, isReviewApp } = target;
  return {
    command,
    app,
    isReviewApp,
    argv: [
      ...buildArgv(command, { ...target, parent: remote.app, values }),
      ...push.argv,
      ...artifactFlags(env),
    ],
    env: { ...env, ...accessVariables(env, values, remote), ...ciVariables(env, ci) },
    sshRemote: remote.sshRemote,
    address: remote.address,
    ...ci,
    notes: [...push.notes, ...target.notes, ...listNotes(command, values, ci.branch)],
  };
}

function unknownCommandProblem(value: string): Problem {
  return {
    where: 'COMMAND',
    message: `${quoteValue(value)} is not a command`,
    remedy: 'Use deploy, review-apps:create or review-apps:destroy.',
  };
}

interface Target {
  readonly app: string;
  readonly isReviewApp: boolean;
  readonly notes: readonly string[];
}

interface TargetInput {
  /** The app of GIT_REMOTE_URL. */
  readonly app: string;
  readonly values: OfficialValues;
  readonly branch: Found | undefined;
}

function chooseTarget(
  command: OfficialCommand,
  { app, values: { REVIEW_APP_NAME: name }, branch }: TargetInput,
  problems: Problem[],
): Target {
  if (command === 'deploy')
    return { app: name ?? app, isReviewApp: name !== undefined && name !== app, notes: [] };
  if (name === app) problems.push(sameNameProblem(app, command));
  if (name !== undefined) return { app: name, isReviewApp: true, notes: [] };
  if (branch === undefined) {
    problems.push({
      where: 'CI_BRANCH_NAME',
      message: 'not set, and no variable of the CI system names the branch of the review app',
      remedy: 'Set it to the branch.',
    });
    return { app, isReviewApp: true, notes: [] };
  }
  const review = defaultReviewName(app, branch.value);
  return {
    app: review,
    isReviewApp: true,
    notes: [`REVIEW_APP_NAME is not set: the review app is ${review}`],
  };
}

function sameNameProblem(app: string, command: OfficialCommand): Problem {
  const consequence =
    command === 'review-apps:destroy' ? 'it would be destroyed' : 'it would be replaced by the branch';
  return {
    where: 'REVIEW_APP_NAME',
    message: `${quoteValue(app)} is the app of GIT_REMOTE_URL, and not a review app: ${consequence}`,
    remedy: 'Remove it, or give the review app another name.',
  };
}

interface ArgvInput extends Target {
  readonly parent: string;
  readonly values: OfficialValues;
}

function buildArgv(command: OfficialCommand, { app, isReviewApp, parent, values }: ArgvInput): string[] {
  if (command === 'review-apps:destroy') return ['review', 'stop', '--app', app, '--exact'];
  const { DEPLOY_DOCKER_IMAGE: image } = values;
  const words = isReviewApp ? ['review', 'start', '--allow-default-branch'] : ['deploy'];
  const copy = isReviewApp ? ['--copy-env-from', parent] : [];
  return [...words, '--app', app, ...copy, ...(image === undefined ? [] : ['--image', image])];
}

/** The official image leaves no files in the checkout. In GitLab, the reports appear in the merge request. */
function artifactFlags(env: Env): string[] {
  return readVariable(env, 'GITLAB_CI') === undefined
    ? ['dotenv', 'facts', 'annotations', 'junit'].flatMap((name) => [`--${name}`, 'none'])
    : [];
}

function listNotes(command: OfficialCommand, values: OfficialValues, branch: Found | undefined): string[] {
  const { BRANCH, DEPLOY_USER_NAME: user, DEPLOY_USER_EMAIL: mail } = values;
  const deploys = command !== 'review-apps:destroy';
  const isSource = branch !== undefined && /SOURCE|_PR_|PULL_REQUEST/.test(branch.from);
  return [
    ...(deploys && BRANCH !== undefined
      ? [`BRANCH=${BRANCH} is not needed: the code goes to the branch that the app deploys from`]
      : []),
    ...(deploys && (user ?? mail) !== undefined
      ? ['DEPLOY_USER_NAME and DEPLOY_USER_EMAIL are left out: Dokku names its commit itself']
      : []),
    ...(isSource
      ? [`this is a pull request: the branch is its source branch, ${branch.value}, not the target branch`]
      : []),
    ...(command === 'review-apps:create'
      ? [
          'the review app gets ordinary settings of its parent, and services of its own; the official image would let it use those of its parent',
        ]
      : []),
    ...(values.TRACE === undefined
      ? []
      : [`TRACE: variables used: ${Object.keys(values).join(', ')}; no value is printed`]),
  ];
}
