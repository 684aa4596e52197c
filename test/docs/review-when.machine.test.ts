import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { aLocalPipeline, type LocalPipeline } from '../support/local-pipeline.ts';

interface Example {
  readonly include: readonly {
    readonly component: string;
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
}

/** The examples of the page, in their order. */
const names = ['manual', 'label', 'drafts', 'bots', 'forks', 'files'];

let pipeline: LocalPipeline;

beforeAll(() => {
  const page = readFileSync(new URL('../../docs/review-when.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = '']) => parse(text) as Example,
  );
  expect(examples).toHaveLength(names.length);
  pipeline = aLocalPipeline({ example: 'merge-requests', variables: {} });
  // One pipeline with the job of each example.
  const include = examples.flatMap((example, index) =>
    example.include.map(({ component, inputs }) => ({ component, inputs: { ...inputs, job: names[index] } })),
  );
  pipeline.project.commit({ '.gitlab-ci.yml': JSON.stringify({ include }), 'web/page.js': 'one' });
  pipeline.project.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  pipeline.project.git('checkout', '--quiet', '-b', 'say-more');
});

afterAll(() => pipeline[Symbol.dispose]());

/** The jobs that a merge request's pipeline has, and `job?` for one that waits for a click. */
const jobsWith = async (more: Readonly<Record<string, string>> = {}): Promise<string[]> => {
  const variables: Record<string, string> = {
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
    CI_PROJECT_ID: '7',
    CI_MERGE_REQUEST_PROJECT_ID: '7',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
    CI_MERGE_REQUEST_TITLE: 'Say more',
    CI_COMMIT_BRANCH: '',
    CI_COMMIT_REF_NAME: 'say-more',
    GITLAB_USER_LOGIN: 'zoe',
    ...more,
  };
  const words = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
  const text = await pipeline.read(
    '--list-json',
    '--ignore-predefined-vars',
    Object.keys(variables).join(','),
    ...words,
  );
  const jobs = JSON.parse(text) as readonly { readonly name: string; readonly when: string }[];
  const shown = (name: string, when: string) => (when === 'manual' ? `${name}?` : name);
  return names.flatMap((name) => {
    const when = jobs.find((job) => job.name === name)?.when ?? 'never';
    const stop = jobs.find((job) => job.name === `stop_${name}`)?.when ?? 'never';
    // The job that removes the app exists exactly when the one that makes it does.
    expect([name, stop === 'never']).toEqual([name, when === 'never']);
    return when === 'never' ? [] : [shown(name, when)];
  });
};

test('a merge request gets a review app by these rules', async () => {
  expect(await jobsWith()).toEqual(['manual?', 'drafts', 'bots', 'forks?']);
  expect(
    await jobsWith({ CI_MERGE_REQUEST_LABELS: 'bug,review-app', CI_MERGE_REQUEST_TITLE: 'Draft: say more' }),
  ).toEqual(['manual?', 'label', 'bots', 'forks?']);
  expect(await jobsWith({ GITLAB_USER_LOGIN: 'project_42_bot_0f3a' })).toEqual([
    'manual?',
    'drafts',
    'forks?',
  ]);
  expect(await jobsWith({ CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8' })).toEqual(['forks?']);
  pipeline.project.commit({ 'web/page.js': 'two' });
  expect(await jobsWith()).toEqual(['manual?', 'drafts', 'bots', 'forks?', 'files']);
}, 60_000);
