import { expect, test } from 'vitest';
import { readJobInput } from '../../src/environment/job-input.ts';
import { buildLinks } from '../../src/run/links.ts';
import { buildSummary, type SummaryInput } from '../../src/run/summary.ts';
import { aContext } from '../support/context.ts';

const project = 'https://gitlab.example.com/git/acme/shop';
const commit = '0123abcd'.repeat(5);
const job = { CI_PROJECT_URL: project, CI_PROJECT_PATH: 'acme/shop' };

const linksWith = async (env: Readonly<Record<string, string>>, more: Partial<SummaryInput> = {}) => {
  const jobInput = await readJobInput({ env, cwd: '/' });
  const context = aContext({ app: 'fix', environment: 'review/fix' });
  const summary = buildSummary({
    command: 'review start',
    jobInput,
    context: { ...context, source: { ...context.source, commit } },
    result: { kind: 'serving', urls: ['http://fix.example.com'], shipped: true },
    error: undefined,
    exitCode: 0,
    services: [],
    steps: [],
    took: 1,
    usage: { connections: 1, commands: 1 },
    ...more,
  });
  return buildLinks(summary, jobInput.variables).map(({ label, url }) => `${label} -> ${url}`);
};

test('a deployed app has links to itself, its log, the environment, the merge request and the commit', async () => {
  const mergeRequest = { CI_MERGE_REQUEST_IID: '7', CI_MERGE_REQUEST_PROJECT_PATH: 'acme/shop' };
  expect(await linksWith({ ...job, ...mergeRequest })).toEqual([
    'Open http://fix.example.com -> http://fix.example.com',
    'Log of the app: dokku logs fix --tail -> https://dokku.com/docs/deployment/logs/',
    `Environment review/fix -> ${project}/-/environments?search=review%2Ffix`,
    `Merge request !7 -> ${project}/-/merge_requests/7`,
    `Commit 0123abcd -> ${project}/-/commit/${commit}`,
  ]);
});

test('the pages that a merge request changes are linked, on the app itself and nowhere else', async () => {
  const changedPages = ['/about.html', '//evil.example.org/x', 'a b', '../up'];
  const links = await linksWith({}, { context: aContext({ changedPages }) });
  expect(links.filter((link) => link.startsWith('Changed'))).toEqual([
    'Changed page /about.html -> http://fix.example.com/about.html',
    'Changed page /evil.example.org/x -> http://fix.example.com/evil.example.org/x',
    'Changed page /a%20b -> http://fix.example.com/a%20b',
    'Changed page /up -> http://fix.example.com/up',
  ]);
  const failed = await linksWith({}, { context: aContext({ changedPages }), result: undefined });
  expect(failed.filter((link) => link.startsWith('Changed'))).toEqual([]);
});

test('the merge request of a fork is linked in the project that it was made for', async () => {
  const links = await linksWith({
    CI_PROJECT_URL: 'https://gitlab.example.com/git/zoe/shop',
    CI_PROJECT_PATH: 'zoe/shop',
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_PROJECT_PATH: 'acme/shop',
  });
  expect(links).toContain(`Merge request !7 -> ${project}/-/merge_requests/7`);
});

test('in a branch pipeline the first open merge request is linked', async () => {
  const links = await linksWith({ ...job, CI_OPEN_MERGE_REQUESTS: 'acme/shop!333,zoe/shop!4' });
  expect(links).toContain(`Merge request !333 -> ${project}/-/merge_requests/333`);
});

test('a failed run has no link to an app, and a job outside of GitLab has none at all', async () => {
  const links = await linksWith(job, { result: undefined });
  expect(links.map((link) => link.split(' ')[0])).toEqual(['Environment', 'Commit']);
  expect(await linksWith({}, { result: undefined, context: undefined })).toEqual([]);
});
