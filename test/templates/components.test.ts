import { describe, expect, test } from 'vitest';
import { type Job, readComponent, readInputs, readJobs } from '../support/component.ts';

const names = ['review', 'prepare', 'deploy', 'rollback', 'pipeline'];

describe.each(names)('the component %s', (name) => {
  test('describes and uses each input, and gives each a default except the image', () => {
    const [, body = ''] = readComponent(name).split(/^---$/m);
    for (const [input, { description, default: value }] of Object.entries(readInputs(name))) {
      // The job has a private key, and anyone might push an image under a default name.
      expect([input, typeof description, value === undefined]).toEqual([input, 'string', input === 'image']);
      expect(body).toContain(`$[[ inputs.${input} ]]`);
    }
  });

  test('uses no input that it does not declare', () => {
    const used = [...readComponent(name).matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map(([, input]) => input);
    expect(used.filter((input) => !(String(input) in readInputs(name)))).toEqual([]);
  });
});

test('every job that runs dokku-deploy gets the gate and a token for it, in each component', () => {
  for (const name of ['review', 'prepare', 'deploy', 'rollback']) {
    const jobs = Object.values(readJobs(name, { gate: 'ssh://gate.example.com:2222#SHA256:x' }));
    const own = jobs.filter(({ script }) => String(script).includes('dokku-deploy '));
    expect(own.length).toBeGreaterThan(0);
    for (const { variables, id_tokens } of own) {
      expect(variables).toMatchObject({ DOKKU_GATE: 'ssh://gate.example.com:2222#SHA256:x' });
      expect(id_tokens).toEqual({ DOKKU_GATE_TOKEN: { aud: 'dokku-deploy' } });
    }
  }
  expect(new Set(readComponent('pipeline').match(/\n {6}gate: .*/g))).toEqual(
    new Set(['\n      gate: "$[[ inputs.gate ]]"']),
  );
});

describe('the review component', () => {
  const { review = {}, stop_review: stop = {} } = readJobs('review');

  test('has two jobs with the same rules and environment, only one of which runs at a time', () => {
    expect(stop.rules).toEqual(review.rules);
    expect(stop.resource_group).toBe(review.resource_group);
    expect((stop.environment as Job).name).toBe((review.environment as Job).name);
    expect((review.environment as Job).on_stop).toBe('stop_review');
  });

  test('stops without a checkout, without blocking the pipeline, and without waiting for other jobs', () => {
    expect(stop).toMatchObject({
      variables: { GIT_STRATEGY: 'none' },
      environment: { action: 'stop' },
      when: 'manual',
      allow_failure: true,
      needs: [],
    });
  });

  test.each([
    ['always', 'on_success', undefined],
    ['manual', 'manual', true],
    ['label', 'on_success', undefined],
  ])('with when: %s runs %s', (value, when, allow_failure) => {
    const jobs = readJobs('review', { when: value });
    expect(jobs[String(jobs.review?.extends)]).toEqual({ when, ...(allow_failure && { allow_failure }) });
  });

  test('asks for the whole label, and for it only with when: label', () => {
    const { review: labelled = {} } = readJobs('review', { when: 'label', label: 'try::it' });
    const [first] = labelled.rules as Job[];
    const [, quoted, pattern = ''] =
      /^"(\w+)" == "label" && \$CI_MERGE_REQUEST_LABELS !~ \/(.*)\/$/.exec(String(first?.if)) ?? [];
    expect([quoted, first?.when]).toEqual(['label', 'never']);
    const matches = ['try::it', 'a,try::it', 'try::it,b', 'try::its', 'retry::it', 'a,b', ''].map((labels) =>
      new RegExp(pattern).test(labels),
    );
    expect(matches).toEqual([true, true, true, false, false, false, false]);
    // The label becomes a part of a regular expression.
    const { regex } = readInputs('review').label ?? {};
    const isAllowed = (label: string) => new RegExp(String(regex)).test(label);
    expect(['review-app', 'try::it', 'Needs review'].map(isAllowed)).toEqual([true, true, true]);
    expect(['', '.*', 'a/', '$A', 'a|b', '(a+)+'].map(isAllowed)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('keeps the reports of a failed run too', () => {
    expect(review.artifacts).toMatchObject({
      when: 'always',
      reports: {
        dotenv: 'dokku-deploy.env',
        annotations: 'dokku-deploy-links.json',
        junit: 'dokku-deploy-junit.xml',
      },
    });
  });
});

describe('the tests of a review app', () => {
  const inputs = { e2e_image: 'example.com/browser:1', e2e_script: ['npx playwright test'] };
  const { review = {}, e2e_review: e2e = {} } = readJobs('review', inputs);

  test('run after the deploy, with its URL, where the review app is made', () => {
    const [unlessNone, ...rules] = e2e.rules as Job[];
    expect([unlessNone?.if, rules]).toEqual(['"example.com/browser:1" == "none"', review.rules]);
    expect(e2e).toMatchObject({ needs: ['review'], script: inputs.e2e_script, image: inputs.e2e_image });
    expect((review.artifacts as { reports: Job }).reports.dotenv).toBe('dokku-deploy.env');
  });

  test('are no job by default, and passed on by the pipeline', () => {
    const { e2e_review: unused = {} } = readJobs('review');
    const [unlessNone] = unused.rules as Job[];
    expect(unlessNone).toEqual({ if: '"none" == "none"', when: 'never' });
    expect(included(inputs)[0]?.inputs).toMatchObject(inputs);
  });
});

describe('the prepare component', () => {
  const { prepare_review: prepare = {} } = readJobs('prepare');

  test('starts at once, has the rules of review, and never runs at the same time', () => {
    const { review = {} } = readJobs('review');
    const [ifEnabled, unlessManual, ...rules] = prepare.rules as Job[];
    expect(ifEnabled).toEqual({ if: '"true" != "true"', when: 'never' });
    expect([unlessManual, rules]).toEqual([{ if: '"always" == "manual"', when: 'never' }, review.rules]);
    expect(prepare).toMatchObject({ needs: [], resource_group: review.resource_group });
    expect(prepare.environment).toEqual({ name: (review.environment as Job).name, action: 'prepare' });
  });
});

test('the pipeline prepares review apps on request, for the same branches and merge requests', () => {
  const prepareWith = (values: Readonly<Record<string, unknown>>) => included(values).at(-1)?.inputs;
  expect(readJobs('prepare', prepareWith({})).prepare_review?.rules).toContainEqual({
    if: '"false" != "true"',
    when: 'never',
  });
  const rules = [{ if: '$CI_COMMIT_BRANCH =~ /^docs-/', when: 'never' }];
  const inputs = prepareWith({
    ...{ review_prepare: true, review_when: 'label', review_label: 'try it', review_skip: rules },
  });
  expect(inputs).toMatchObject({ enabled: true, when: 'label', label: 'try it', skip: rules });
});

describe('the rollback component', () => {
  const { rollback = {} } = readJobs('rollback');

  test('is a manual job that neither blocks the pipeline nor waits for another job', () => {
    expect(rollback).toMatchObject({ when: 'manual', allow_failure: true, needs: [] });
  });

  test('runs while no deploy of the environment does, and is no deployment of the pipeline’s commit', () => {
    const { production } = readJobs('deploy', { job: 'production', environment: 'production' });
    expect(rollback.resource_group).toBe(production?.resource_group);
    expect(rollback.environment).toEqual({ name: 'production', action: 'access' });
  });
});

interface Included {
  readonly inputs: Readonly<Record<string, unknown>>;
}

const included = (values: Readonly<Record<string, unknown>> = {}): readonly Included[] =>
  (readJobs('pipeline', values).include ?? []) as unknown as readonly Included[];

test('production can promote what staging runs, and be rolled back', () => {
  const apps = { staging_app: 'shop-test', production_app: 'shop' };
  const [, , production, rollback] = included({ promote: true, ...apps });
  expect(readJobs('deploy', production?.inputs).production).toMatchObject({
    script: [
      expect.stringMatching(/PROMOTE:-true\}" = true \]; then set -- promote staging production --commit/),
      expect.anything(),
    ],
    variables: { DOKKU_DEPLOY_TO: 'shop', DOKKU_DEPLOY_FROM: 'shop-test' },
  });
  expect(readJobs('rollback', rollback?.inputs).rollback_production).toMatchObject({
    variables: { DOKKU_DEPLOY_TO: 'shop' },
    resource_group: 'production',
  });
});

test('production is a manual job that does not block the pipeline', () => {
  const [, , production] = included();
  expect(readJobs('deploy', production?.inputs).production).toMatchObject({
    when: 'manual',
    allow_failure: true,
    resource_group: 'production',
    environment: { name: 'production' },
  });
});

describe('the plan of a deploy in a merge request', () => {
  const planOf = (values: Readonly<Record<string, unknown>> = {}): Job =>
    readJobs('deploy', { job: 'staging', plan: true, ...values }).plan_staging ?? {};

  test('changes nothing: it is a dry run, no deployment, and does not keep anyone from merging', () => {
    const { script, environment, allow_failure } = planOf({ app: 'shop-test' });
    expect(String(script)).toMatch(/^dokku-deploy deploy staging .*--dry-run/);
    expect([environment, allow_failure]).toEqual([{ name: 'staging', action: 'access' }, true]);
  });

  test('is the job’s log, an artifact, and numbers for the merge request', () => {
    const { script, artifacts } = planOf();
    const { paths, reports } = artifacts as { paths: string[]; reports: Record<string, string> };
    expect(String(script)).toContain(`--report terraform=${reports.terraform} | tee ${paths[0]}`);
  });

  test('uses the flags and the app of the deploy', () => {
    const { script, variables } = planOf({ app: 'shop-test', flags: '--root web' });
    expect([String(script).includes('--root web'), variables]).toEqual([
      true,
      { DOKKU_DEPLOY_TO: 'shop-test', DOKKU_GATE: '' },
    ]);
  });

  test('is off by default, and passed to staging and production by the pipeline', () => {
    const inputs = (values: Readonly<Record<string, unknown>>) => included(values).slice(1, 3);
    expect(inputs({}).map(({ inputs: { plan } }) => plan)).toEqual([false, false]);
    expect(inputs({ plan: true }).map(({ inputs: { plan } }) => plan)).toEqual([true, true]);
  });
});
