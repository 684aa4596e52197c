import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Job, readInputs, readJobs } from '../support/component.ts';
import { aLocalPipeline, type LocalPipeline } from '../support/local-pipeline.ts';

let pipeline: LocalPipeline;

beforeAll(() => {
  pipeline = aLocalPipeline({ example: 'merge-requests', variables: {} });
});

afterAll(() => pipeline[Symbol.dispose]());

interface Listed {
  readonly name: string;
  readonly when: string;
}

describe('the component pipeline', () => {
  // gitlab-ci-local lists the jobs even if the workflow forbids the pipeline. A marker job with the workflow's rules shows whether it does.
  const marker = 'a pipeline';

  beforeAll(() => {
    const { rules } = readJobs('pipeline').workflow as Job;
    pipeline.project.git('mv', '.gitlab-ci.yml', 'example.yml');
    const text = JSON.stringify({ include: { local: 'example.yml' }, [marker]: { script: 'true', rules } });
    pipeline.project.commit({ '.gitlab-ci.yml': text });
  });

  const jobsWith = async (variables: Readonly<Record<string, string>>): Promise<string[]> => {
    const words = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
    const predefined = ['--ignore-predefined-vars', Object.keys(variables).join(',')];
    const text = await pipeline.read('--list-json', ...predefined, ...words);
    const jobs = JSON.parse(text) as readonly Listed[];
    const names = jobs.filter(({ when }) => when !== 'never').map(({ name }) => name);
    return names.includes(marker) ? names.filter((name) => name !== marker) : [];
  };

  const branch = { CI_COMMIT_BRANCH: 'say-more', CI_COMMIT_REF_NAME: 'say-more' };
  const main = { CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main' };
  const mergeRequest = {
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
    CI_MERGE_REQUEST_PROJECT_ID: '7',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
    CI_COMMIT_BRANCH: '',
    CI_COMMIT_REF_NAME: 'say-more',
  };
  const review = ['review', 'stop_review', 'test'];
  const deploys = ['staging', 'production', 'rollback_production', 'test'];

  test.each([
    ['a branch', branch, review],
    [
      'a branch with a merge request, which has a pipeline',
      { ...branch, CI_OPEN_MERGE_REQUESTS: 'acme/hello!4' },
      [],
    ],
    ['a merge request', mergeRequest, review],
    ['a merged result', { ...mergeRequest, CI_MERGE_REQUEST_EVENT_TYPE: 'merged_result' }, review],
    ['a merge train', { ...mergeRequest, CI_MERGE_REQUEST_EVENT_TYPE: 'merge_train' }, ['test']],
    ['a merge request of a fork', { ...mergeRequest, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8' }, ['test']],
    ['a merge request from the main branch', { ...mergeRequest, CI_COMMIT_REF_NAME: 'main' }, ['test']],
    ['the main branch', main, deploys],
    ['the main branch with a merge request', { ...main, CI_OPEN_MERGE_REQUESTS: 'acme/hello!5' }, deploys],
    ['a tag', { CI_COMMIT_TAG: '1.0.0', CI_COMMIT_BRANCH: '', CI_COMMIT_REF_NAME: '1.0.0' }, ['test']],
  ])('creates these jobs and no others for %s', async (_, variables, jobs) => {
    expect(await jobsWith(variables)).toEqual(jobs);
  });
});

describe('the component pipeline with plan: true', () => {
  test('adds a plan of staging and of production to merge requests', async () => {
    const component = '$CI_SERVER_FQDN/tools/dokku-deploy/pipeline@1.0.0';
    const jobsOf = async (inputs: Job, variables: Readonly<Record<string, string>>): Promise<string[]> => {
      const text = JSON.stringify({
        include: [{ component, inputs: { image: 'registry.example.com/deployer:1', ...inputs } }],
      });
      pipeline.project.commit({ '.gitlab-ci.yml': text });
      const words = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const predefined = ['--ignore-predefined-vars', Object.keys(variables).join(',')];
      const listed = JSON.parse(await pipeline.read('--list-json', ...predefined, ...words));
      return (listed as readonly Listed[])
        .filter(({ name, when }) => when !== 'never' && name.startsWith('plan_'))
        .map(({ name }) => name);
    };
    const request = {
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_PROJECT_ID: '7',
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
      CI_COMMIT_BRANCH: '',
      CI_COMMIT_REF_NAME: 'say-more',
    };
    expect(await jobsOf({ plan: true }, request)).toEqual(['plan_staging', 'plan_production']);
    expect(await jobsOf({ plan: true, promote: true }, request)).toEqual(['plan_staging']);
    expect(await jobsOf({}, request)).toEqual([]);
    expect(await jobsOf({ plan: true }, { ...request, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8' })).toEqual([]);
    expect(await jobsOf({ plan: true }, { CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main' })).toEqual(
      [],
    );
  });
});

describe('a component included by itself:', () => {
  const image = 'registry.example.com/acme/deployer:2';
  const gate = 'ssh://gate.example.com:2222#SHA256:abc';
  const rules = [{ if: '$CI_COMMIT_BRANCH =~ /^app-/' }];
  // With it, a job logs in at the gate.
  const idTokens = { DOKKU_GATE_TOKEN: { aud: 'dokku-deploy' } };

  const jobsWith = async (name: string, inputs: Job): Promise<Record<string, Job>> => {
    const component = `$CI_SERVER_FQDN/tools/dokku-deploy/${name}@1.0.0`;
    const build = { stage: 'build', script: ['make'], artifacts: { paths: ['public'] } };
    const text = JSON.stringify({ stages: ['build', 'ship'], include: [{ component, inputs }], build });
    pipeline.project.commit({ '.gitlab-ci.yml': text });
    return parse(await pipeline.read('--preview')) as Record<string, Job>;
  };

  const artifacts = {
    when: 'always',
    expire_in: '1 week',
    paths: ['deploy.json'],
    reports: {
      dotenv: 'dokku-deploy.env',
      annotations: 'dokku-deploy-links.json',
      junit: 'dokku-deploy-junit.xml',
    },
  };

  test('review applies every input', async () => {
    const inputs = {
      image,
      gate,
      stage: 'ship',
      job: 'app',
      environment: 'apps',
      auto_stop_in: '2 days',
      when: 'manual',
      label: 'try::it',
      after_merge: 'staging',
      e2e_image: 'browser:1',
      e2e_script: ['test'],
      flags: '--strict',
      skip: [{ if: '$CI_COMMIT_BRANCH == "app-x"', when: 'never' }],
      rules,
    };
    const guard = {
      if: '"manual" == "label" && $CI_MERGE_REQUEST_LABELS !~ /(^|,)try::it(,|$)/',
      when: 'never',
    };
    const { app, stop_app } = await jobsWith('review', inputs);
    const both = {
      stage: 'ship',
      image: { name: image },
      id_tokens: idTokens,
      rules: [guard, ...inputs.skip, ...rules],
      when: 'manual',
      allow_failure: true,
      resource_group: 'apps/$CI_COMMIT_REF_SLUG',
      interruptible: false,
    };
    expect({ app, stop_app }).toEqual({
      app: {
        ...both,
        script: ['dokku-deploy review start --strict'],
        variables: {
          DOKKU_DEPLOY_AUTO_STOP_IN: '2 days',
          DOKKU_DEPLOY_AFTER_MERGE: 'staging',
          DOKKU_GATE: gate,
        },
        environment: {
          name: 'apps/$CI_COMMIT_REF_SLUG',
          url: '$DYNAMIC_ENVIRONMENT_URL',
          on_stop: 'stop_app',
          auto_stop_in: '2 days',
        },
        artifacts,
      },
      stop_app: {
        ...both,
        script: ['dokku-deploy review stop'],
        needs: [],
        variables: { GIT_STRATEGY: 'none', DOKKU_GATE: gate },
        environment: { name: 'apps/$CI_COMMIT_REF_SLUG', action: 'stop' },
      },
    });
    expect(Object.keys(inputs)).toEqual(Object.keys(readInputs('review')));
  });

  test('deploy applies every input', async () => {
    const inputs = {
      image,
      gate,
      stage: 'ship',
      job: 'live',
      environment: 'production',
      app: 'shop',
      when: 'manual',
      allow_failure: true,
      promote: true,
      promote_from: 'testing',
      promote_from_app: 'shop-testing',
      plan: true,
      flags: '--strict',
      dependencies: ['build'],
      rules,
    };
    const app = `\${DOKKU_DEPLOY_TO:+--app "$DOKKU_DEPLOY_TO"}`;
    const from = `\${DOKKU_DEPLOY_FROM:+--from-app "$DOKKU_DEPLOY_FROM"}`;
    expect((await jobsWith('deploy', inputs)).live).toEqual({
      stage: 'ship',
      image: { name: image },
      id_tokens: idTokens,
      script: [
        `if [ "\${DOKKU_DEPLOY_PROMOTE:-true}" = true ]; then set -- promote testing production --commit "$CI_COMMIT_SHA" ${from}; else set -- deploy production; fi`,
        `dokku-deploy "$@" ${app} --strict`,
      ],
      rules,
      when: 'manual',
      allow_failure: true,
      dependencies: ['build'],
      resource_group: 'production',
      interruptible: false,
      variables: { DOKKU_DEPLOY_TO: 'shop', DOKKU_DEPLOY_FROM: 'shop-testing', DOKKU_GATE: gate },
      environment: { name: 'production', url: '$DYNAMIC_ENVIRONMENT_URL' },
      artifacts,
    });
    expect(Object.keys(inputs)).toEqual(Object.keys(readInputs('deploy')));
  });

  test('rollback applies every input', async () => {
    const inputs = {
      image,
      gate,
      stage: 'ship',
      job: 'back',
      environment: 'live',
      app: 'shop',
      flags: '--strict',
      rules,
    };
    const words = [
      `\${DOKKU_DEPLOY_TO:+--app "$DOKKU_DEPLOY_TO"}`,
      `\${DOKKU_DEPLOY_RELEASE:+--to "$DOKKU_DEPLOY_RELEASE"}`,
    ];
    expect((await jobsWith('rollback', inputs)).back).toEqual({
      stage: 'ship',
      image: { name: image },
      id_tokens: idTokens,
      script: [`dokku-deploy rollback live ${words.join(' ')} --strict`],
      rules,
      when: 'manual',
      allow_failure: true,
      needs: [],
      resource_group: 'live',
      interruptible: false,
      variables: { DOKKU_DEPLOY_TO: 'shop', DOKKU_GATE: gate },
      environment: { name: 'live', action: 'access' },
      artifacts: { when: 'always', expire_in: '1 week', paths: ['deploy.json'] },
    });
    expect(Object.keys(inputs)).toEqual(Object.keys(readInputs('rollback')));
  });
});
