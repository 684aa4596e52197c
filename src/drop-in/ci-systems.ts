/** The variables of a CI system that name what a job is about. */
export interface CiSystem {
  readonly name: string;
  readonly branch: string;
  /** In a build of a pull request, `branch` is the target branch; this is the source branch. */
  readonly sourceBranch?: string;
  readonly commit: string;
  /** The repository's path; two variables are joined with a slash. */
  readonly project: readonly string[];
  /** The folder of the checkout. */
  readonly folder?: string;
}

/** The CI systems that the official image knows, in the order in which it looks for their variables. */
export const ciSystems: readonly CiSystem[] = [
  {
    name: 'CircleCI',
    branch: 'CIRCLE_BRANCH',
    commit: 'CIRCLE_SHA1',
    project: ['CIRCLE_PROJECT_USERNAME', 'CIRCLE_PROJECT_REPONAME'],
    folder: 'CIRCLE_WORKING_DIRECTORY',
  },
  { name: 'CloudBees', branch: 'CI_BRANCH', commit: 'CI_COMMIT_ID', project: ['CI_REPO_NAME'] },
  {
    name: 'Drone',
    branch: 'DRONE_COMMIT_BRANCH',
    sourceBranch: 'DRONE_SOURCE_BRANCH',
    commit: 'DRONE_COMMIT_SHA',
    project: ['DRONE_REPO'],
    folder: 'DRONE_WORKSPACE',
  },
  {
    name: 'GitHub Actions',
    branch: 'GITHUB_REF',
    commit: 'GITHUB_SHA',
    project: ['GITHUB_REPOSITORY'],
    folder: 'GITHUB_WORKSPACE',
  },
  {
    name: 'GitLab CI',
    branch: 'CI_COMMIT_REF_NAME',
    commit: 'CI_COMMIT_SHA',
    project: ['CI_PROJECT_PATH'],
    folder: 'CI_PROJECT_DIR',
  },
  {
    name: 'Semaphore',
    branch: 'SEMAPHORE_GIT_BRANCH',
    sourceBranch: 'SEMAPHORE_GIT_PR_BRANCH',
    commit: 'SEMAPHORE_GIT_SHA',
    project: ['SEMAPHORE_GIT_REPO_SLUG'],
    folder: 'SEMAPHORE_GIT_DIR',
  },
  {
    name: 'Travis CI',
    branch: 'TRAVIS_BRANCH',
    sourceBranch: 'TRAVIS_PULL_REQUEST_BRANCH',
    commit: 'TRAVIS_COMMIT',
    project: ['TRAVIS_REPO_SLUG'],
    folder: 'TRAVIS_BUILD_DIR',
  },
  {
    name: 'Woodpecker CI',
    branch: 'CI_COMMIT_BRANCH',
    sourceBranch: 'CI_COMMIT_SOURCE_BRANCH',
    commit: 'CI_COMMIT_SHA',
    project: ['CI_REPO'],
    folder: 'CI_WORKSPACE',
  },
];

export type Env = Readonly<Record<string, string | undefined>>;

/** A value, and the variable that it is from. */
export interface Found {
  readonly value: string;
  readonly from: string;
}

/** Returns the branch of a job: of a pull request, its source branch. */
export function findBranch(env: Env): Found | undefined {
  for (const { branch, sourceBranch } of ciSystems) {
    const found = readVariable(env, branch);
    if (found === undefined) continue;
    const source = sourceBranch === undefined ? undefined : readVariable(env, sourceBranch);
    return source ?? { ...found, value: found.value.replace(/^refs\/heads\//, '') };
  }
  return undefined;
}

/** Returns a variable's value with its name; undefined for one that is not set or empty. */
export function readVariable(env: Env, name: string): Found | undefined {
  const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
  return value === undefined || value === '' ? undefined : { value, from: name };
}

export function findCommit(env: Env): Found | undefined {
  return firstFound(ciSystems.map(({ commit }) => readVariable(env, commit)));
}

function firstFound(found: readonly (Found | undefined)[]): Found | undefined {
  return found.find((one) => one !== undefined);
}

/** Returns the path of the repository, which names the owner of an app. */
export function findProject(env: Env): Found | undefined {
  return firstFound(
    ciSystems.map(({ project }) => {
      const parts = project.map((name) => readVariable(env, name));
      const values = parts.flatMap((part) => (part === undefined ? [] : [part.value]));
      return values.length === project.length
        ? { value: values.join('/'), from: project.join(' and ') }
        : undefined;
    }),
  );
}

/** Returns the folders in which the checkout may be, the most likely one first. */
export function listCheckoutFolders(env: Env): string[] {
  const named = ciSystems.flatMap(({ folder }) => {
    const found = folder === undefined ? undefined : readVariable(env, folder);
    return found === undefined ? [] : [found.value];
  });
  // The documentation of the official image mounts it there.
  return [...new Set([...named, '/app'])];
}
