import { describe, expect, test } from 'vitest';
import { ciSystems } from '../../src/drop-in/ci-systems.ts';
import {
  listNames,
  type OfficialName,
  officialVariables,
  readOfficialVariables,
} from '../../src/drop-in/official-variables.ts';
import { type TranslatedJob, translateJob } from '../../src/drop-in/translate.ts';

const env = {
  GIT_REMOTE_URL: 'ssh://dokku@dokku.example.com:2222/shop',
  SSH_PRIVATE_KEY: 'the key',
  SSH_HOST_KEY: 'dokku.example.com ssh-ed25519 AAAA',
};

const translate = (more: Readonly<Record<string, string | undefined>> = {}): TranslatedJob => {
  const job = translateJob({ GITLAB_CI: 'true', ...env, ...more });
  if ('problems' in job) throw new Error(JSON.stringify(job.problems));
  return job;
};

/** Where the problems with these variables are. */
const refused = (more: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const job = translateJob({ ...env, ...more });
  return 'problems' in job ? job.problems.map(({ where }) => where) : [];
};

const review = { COMMAND: 'review-apps:create', CI_BRANCH_NAME: 'fix' };

/** What each variable of the table changes. The compiler notices one that is missing here. */
const rows: Readonly<Record<OfficialName, () => void>> = {
  GIT_REMOTE_URL: () => {
    expect(translate()).toMatchObject({
      argv: ['deploy', '--app', 'shop'],
      sshRemote: 'ssh://dokku@dokku.example.com:2222',
      env: { DOKKU_HOST: 'dokku@dokku.example.com:2222' },
    });
    expect(translate({ GIT_REMOTE_URL: 'dokku@dokku.example.com:api' }).app).toBe('api');
    for (const wrong of [undefined, '', 'https://dokku.example.com/shop', 'ssh://dokku@dokku.example.com'])
      expect(refused({ GIT_REMOTE_URL: wrong })).toEqual(['GIT_REMOTE_URL']);
  },
  COMMAND: () => {
    for (const command of [undefined, '', 'deploy'])
      expect(translate({ COMMAND: command }).argv).toEqual(['deploy', '--app', 'shop']);
    expect(refused({ COMMAND: 'apps:destroy' })).toEqual(['COMMAND']);
  },
  BRANCH: () => {
    const job = translate({ BRANCH: 'main' });
    expect(job.argv).toEqual(translate().argv);
    expect(job.notes).toEqual([expect.stringContaining('BRANCH=main is not needed')]);
  },
  CI_BRANCH_NAME: () => {
    const job = translate({
      CI_BRANCH_NAME: 'Feature/X',
      CI_COMMIT_REF_NAME: 'other',
      CI_COMMIT_REF_SLUG: 'other',
    });
    expect(job.env).toMatchObject({ CI_COMMIT_REF_NAME: 'Feature/X', CI_COMMIT_REF_SLUG: undefined });
  },
  CI_COMMIT: () => {
    expect(translate({ CI_COMMIT: 'v1.2', CI_COMMIT_SHA: 'abc' }).env.CI_COMMIT_SHA).toBe('v1.2');
  },
  GIT_PUSH_FLAGS: () => {
    expect(translate({ GIT_PUSH_FLAGS: '-n' }).argv).toContain('--dry-run');
    expect(translate({ GIT_PUSH_FLAGS: '--quiet  --no-verify' })).toMatchObject({
      argv: translate().argv,
      notes: [],
    });
    const forced = translate({ GIT_PUSH_FLAGS: '--force' });
    expect([forced.argv, forced.notes]).toEqual([
      translate().argv,
      [expect.stringContaining('DOKKU_DEPLOY_ALLOW_OLDER=true')],
    ]);
    for (const flag of ['--mirror', '--tags', '--delete', '-o x', '--receive-pack=evil'])
      expect(refused({ GIT_PUSH_FLAGS: flag })).toContain('GIT_PUSH_FLAGS');
  },
  DEPLOY_DOCKER_IMAGE: () => {
    const image = { DEPLOY_DOCKER_IMAGE: 'registry.example.com/shop:1' };
    expect(translate(image).argv).toEqual([
      'deploy',
      '--app',
      'shop',
      '--image',
      'registry.example.com/shop:1',
    ]);
    expect(translate({ ...image, ...review }).argv).toContain('--image');
    expect(translate({ ...image, ...review, COMMAND: 'review-apps:destroy' }).argv).not.toContain('--image');
  },
  DEPLOY_USER_NAME: () => {
    expect(translate({ DEPLOY_USER_NAME: 'Zoé Martin' }).notes).toEqual([
      expect.stringContaining('left out'),
    ]);
  },
  DEPLOY_USER_EMAIL: () => {
    expect(translate({ DEPLOY_USER_EMAIL: 'zoe@example.com' }).notes).toEqual([
      expect.stringContaining('left out'),
    ]);
  },
  REVIEW_APP_NAME: () => {
    expect(translate({ ...review, REVIEW_APP_NAME: 'preview' })).toMatchObject({
      app: 'preview',
      isReviewApp: true,
    });
    expect(translate(review).app).toBe('review-shop-fix');
    expect(translate({ REVIEW_APP_NAME: 'preview' }).argv.slice(0, 2)).toEqual(['review', 'start']);
    expect(translate({ REVIEW_APP_NAME: 'shop' })).toMatchObject({
      isReviewApp: false,
      argv: translate().argv,
    });
    for (const COMMAND of ['review-apps:create', 'review-apps:destroy'])
      expect(refused({ ...review, COMMAND, REVIEW_APP_NAME: 'shop' })).toEqual(['REVIEW_APP_NAME']);
  },
  SSH_PRIVATE_KEY: () => expect(translate().env.SSH_PRIVATE_KEY).toBe('the key'),
  SSH_PRIVATE_KEY_BASE64: () => {
    const { env: variables } = translate({ SSH_PRIVATE_KEY: undefined, SSH_PRIVATE_KEY_BASE64: 'dGhl' });
    expect(variables).toMatchObject({ SSH_PRIVATE_KEY: undefined, SSH_PRIVATE_KEY_BASE64: 'dGhl' });
  },
  SSH_PASSPHRASE: () => {
    expect(translate({ SSH_PASSPRHASE: ' it is ' }).env.SSH_PASSPHRASE).toBe(' it is ');
    expect(translate({ SSH_PASSPHRASE: 'right', SSH_PASSPRHASE: 'other' }).env.SSH_PASSPHRASE).toBe('right');
  },
  SSH_HOST_KEY: () => {
    expect(translate().env.SSH_KNOWN_HOSTS).toBe(env.SSH_HOST_KEY);
    expect(refused({ SSH_HOST_KEY: undefined })).toEqual(['SSH_HOST_KEY']);
    for (const name of ['SSH_KNOWN_HOSTS', 'SSH_HOST_KEY_CHECKING', 'DOKKU_GATE'])
      expect(refused({ SSH_HOST_KEY: undefined, [name]: 'x' })).toEqual([]);
  },
  TRACE: () => {
    const { notes } = translate({ TRACE: '1' });
    expect(notes).toEqual([expect.stringContaining('GIT_REMOTE_URL, SSH_PRIVATE_KEY, SSH_HOST_KEY, TRACE')]);
    expect(notes.join()).not.toContain('the key');
  },
};

describe('each variable of the official image', () => {
  test.each(Object.entries(rows))('%s', (_, check) => check());

  test.each(officialVariables.map((variable) => [variable.name, listNames(variable)] as const))(
    '%s is read under each of %j, the first one first',
    (name, names) => {
      names.forEach((first, index) => {
        const set = names.slice(index).map((one) => [one, `from ${one}`]);
        expect(readOfficialVariables(Object.fromEntries(set))[name]).toBe(`from ${first}`);
        // GitLab sets a protected variable to an empty text.
        const emptied = [...names.slice(0, index).map((one) => [one, ' ']), ...set];
        expect(readOfficialVariables(Object.fromEntries(emptied))[name]).toBe(`from ${first}`);
      });
    },
  );
});

describe.each(ciSystems.map((system) => [system.name, system] as const))('in %s', (name, system) => {
  const variables = {
    [system.branch]: name === 'GitHub Actions' ? 'refs/heads/Fix/It' : 'Fix/It',
    [system.commit]: 'c0ffee',
    ...Object.fromEntries(system.project.map((one, index) => [one, ['group', 'shop'][index] ?? ''])),
  };
  const project = system.project.length === 2 ? 'group/shop' : 'group';

  test.each([
    ['deploy', ['deploy', '--app', 'shop']],
    [
      'review-apps:create',
      ['review', 'start', '--allow-default-branch', '--app', 'review-shop-fix-it', '--copy-env-from', 'shop'],
    ],
    ['review-apps:destroy', ['review', 'stop', '--app', 'review-shop-fix-it', '--exact']],
  ])('%s is about the job’s own branch, commit and project', (command, argv) => {
    const job = translate({ ...variables, COMMAND: command });
    expect(job).toMatchObject({
      argv,
      branch: { value: 'Fix/It', from: system.branch },
      commit: { value: 'c0ffee', from: system.commit },
      env: { CI_COMMIT_REF_NAME: 'Fix/It', CI_COMMIT_SHA: 'c0ffee', CI_PROJECT_PATH: project },
    });
  });

  test('a pull request has the app of its source branch', () => {
    const { sourceBranch = system.branch } = system;
    const job = translate({ ...variables, [sourceBranch]: 'source', COMMAND: 'review-apps:create' });
    expect(job).toMatchObject({ app: 'review-shop-source', env: { CI_COMMIT_REF_NAME: 'source' } });
  });

  test('a job without a branch gets no review app', () => {
    expect(refused({ ...variables, [system.branch]: '', COMMAND: 'review-apps:create' })).toEqual([
      'CI_BRANCH_NAME',
    ]);
  });

  test('reports are left only in GitLab', () => {
    const { argv } = translate({ ...variables, GITLAB_CI: name === 'GitLab CI' ? 'true' : undefined });
    expect(argv.includes('none')).toBe(name !== 'GitLab CI');
  });
});

describe('the default name of a review app', () => {
  test.each([
    ['feature/Login_Page', 'review-shop-feature-login-page'],
    ['v1.2', /^review-shop-v1-2-[0-9a-f]{8}$/],
    ['x'.repeat(80), /^review-shop-x+-[0-9a-f]{8}$/],
    ['ends-', /^review-shop-ends-[0-9a-f]{8}$/],
  ])('of the branch %s is one that Dokku serves', (branch, name) => {
    expect(translate({ ...review, CI_BRANCH_NAME: branch }).app).toEqual(
      typeof name === 'string' ? name : expect.stringMatching(name),
    );
  });
});
