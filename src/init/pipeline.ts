import type { Answers } from './answers.ts';

/** Formats `.gitlab-ci.yml`, or what to add to an existing one. Returns undefined if none is wanted. */
export function formatPipeline(answers: Answers, { isNew }: { readonly isNew: boolean }): string | undefined {
  if (answers.pipeline === 'none') return undefined;
  return answers.pipeline === 'component' ? formatComponents(answers) : formatJobs(answers, isNew);
}

/** The whole pipeline has these environments; other ones need the components of single jobs. */
function formatComponents(answers: Answers): string {
  const { environments, reviewApps, component, image } = answers;
  const base = `$CI_SERVER_FQDN/${component}`;
  const isWhole = reviewApps && environments.join() === 'staging,production';
  const parts = isWhole
    ? [{ name: 'pipeline', inputs: [] as string[] }]
    : [
        ...(reviewApps ? [{ name: 'review', inputs: ['stage: deploy'] }] : []),
        ...environments.map((name, index) => ({
          name: 'deploy',
          inputs: [
            `job: ${jobName(name)}`,
            `environment: ${name}`,
            ...(isManual(name, index) ? ['when: manual', 'allow_failure: true'] : []),
          ],
        })),
      ];
  const includes = parts.flatMap(({ name, inputs }) => [
    `  - component: ${base}/${name}@1.0.0`,
    '    inputs:',
    ...[`image: ${image}`, ...inputs].map((line) => `      ${line}`),
    ...(name === 'pipeline'
      ? ['      # test_image: node:24', '      # test_script: [npm ci, npm test]']
      : []),
  ]);
  return `${['include:', ...includes].join('\n')}\n`;
}

/** Production and all environments but the first wait for someone. */
function isManual(environment: string, index: number): boolean {
  return index > 0 || environment === 'production';
}

function jobName(environment: string): string {
  return environment.replace(/[^\w-]/g, '_');
}

function formatJobs({ image, reviewApps, environments }: Answers, isNew: boolean): string {
  const stages = isNew ? ['stages: [test, deploy]', ''] : [];
  const jobs = [
    ...(reviewApps ? reviewJobs(image) : []),
    ...environments.flatMap((name, index) => deployJob(name, image, isManual(name, index))),
  ];
  return `${[...stages, ...jobs].join('\n').trimEnd()}\n`;
}

const reports = [
  '  artifacts:',
  '    when: always',
  '    reports:',
  '      dotenv: dokku-deploy.env',
  '      annotations: dokku-deploy-links.json',
  '      junit: dokku-deploy-junit.xml',
];

const branches = '    - if: $CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH';

function reviewJobs(image: string): string[] {
  return [
    'review:',
    '  stage: deploy',
    `  image: ${image}`,
    '  script: dokku-deploy review start',
    '  resource_group: review/$CI_COMMIT_REF_SLUG',
    '  environment:',
    '    name: review/$CI_COMMIT_REF_SLUG',
    '    url: $DYNAMIC_ENVIRONMENT_URL',
    '    on_stop: stop_review',
    '    auto_stop_in: 1 week',
    ...reports,
    '  rules:',
    branches,
    '',
    'stop_review:',
    '  stage: deploy',
    `  image: ${image}`,
    '  variables: {GIT_STRATEGY: none}',
    '  script: dokku-deploy review stop',
    '  resource_group: review/$CI_COMMIT_REF_SLUG',
    '  environment: {name: review/$CI_COMMIT_REF_SLUG, action: stop}',
    '  rules:',
    branches,
    '      when: manual',
    '      allow_failure: true',
    '',
  ];
}

function deployJob(environment: string, image: string, waits: boolean): string[] {
  return [
    `${jobName(environment)}:`,
    '  stage: deploy',
    `  image: ${image}`,
    '  script: dokku-deploy deploy',
    '  # No artifacts of other jobs: a job that is started late would fail once they have expired.',
    '  dependencies: []',
    `  resource_group: ${environment}`,
    '  interruptible: false',
    '  environment:',
    `    name: ${environment}`,
    '    url: $DYNAMIC_ENVIRONMENT_URL',
    ...reports,
    '  rules:',
    '    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    ...(waits ? ['      when: manual', '      allow_failure: true'] : []),
    '',
  ];
}
