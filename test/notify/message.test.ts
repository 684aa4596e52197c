import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { buildMessage } from '../../src/notify/message.ts';
import { aContext } from '../support/context.ts';
import { aFailedRun, aMessage, anEndedRun } from '../support/message.ts';

const review = (command: 'review start' | 'review stop') => aContext({ command });
const error = new DeployError('build-failed', { message: 'It could not be built.' });

describe('the title contains the outcome and the target', () => {
  test.each([
    ['a deploy', anEndedRun(), 'shop is live on production'],
    ['a failed deploy', aFailedRun(), 'Deploy of shop to production failed'],
    [
      'a deploy of what runs already',
      anEndedRun({ result: { kind: 'serving', urls: [], shipped: false } }),
      'shop on production already runs this commit',
    ],
    [
      'a deploy without an environment',
      anEndedRun({ context: aContext({ command: 'deploy', app: 'shop', environment: undefined }) }),
      'shop is live',
    ],
    ['a review app', anEndedRun({ context: review('review start') }), 'The review app of my-branch is up'],
    [
      'a failed review app',
      anEndedRun({ context: review('review start'), result: undefined, error }),
      'The review app of my-branch was not deployed',
    ],
    [
      'a removed review app',
      anEndedRun({
        context: review('review stop'),
        result: { kind: 'removed', services: [], wasThere: true },
      }),
      'The review app of my-branch was removed',
    ],
    [
      'a review app that stays',
      anEndedRun({ context: review('review stop'), result: undefined, error }),
      'The review app of my-branch could not be removed',
    ],
  ])('%s', (_, run, title) => {
    expect(aMessage(run).title).toBe(title);
  });
});

test('a message is plain data: it survives serialization', () => {
  const message = aMessage();
  expect(JSON.parse(JSON.stringify(message))).toEqual({
    outcome: 'success',
    title: 'shop is live on production',
    command: 'deploy',
    project: 'group/shop',
    app: 'shop',
    environment: 'production',
    url: 'https://shop.example.com',
    ref: 'main',
    commit: {
      id: '0123456789abcdef0123456789abcdef01234567',
      short: '01234567',
      subject: 'Add the name',
      url: 'https://gitlab.example.com/group/shop/-/commit/0123456789abcdef0123456789abcdef01234567',
    },
    author: 'Zoé Martin',
    jobUrl: 'https://gitlab.example.com/group/shop/-/jobs/7',
    pipelineUrl: 'https://gitlab.example.com/group/shop/-/pipelines/3',
    services: ['mysql:shop-database'],
    pages: [],
    endedAt: '2026-11-02T12:00:00.000Z',
    took: 32_000,
    duration: '32 s',
  });
});

test('a message has no GitLab fields outside of GitLab', () => {
  const message = aMessage(anEndedRun({ context: aContext({ command: 'deploy' }) }));
  expect([message.author, message.jobUrl, message.pipelineUrl, message.commit?.url]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

describe('a failure', () => {
  test('has the last lines of the host’s output, without colours and section marks', () => {
    const said = [
      ...Array.from({ length: 20 }, (_, line) => `line ${line}`),
      '\u001b[31msection_start:1:a\u001b[0m',
    ];
    const message = aMessage(aFailedRun(said));
    expect(message.failure?.said).toHaveLength(12);
    expect(message.failure?.said.at(-1)).toBe('section_start :1:a');
    expect(message.failure).toMatchObject({
      code: 'build-failed',
      reason: 'The host could not build shop.',
    });
  });

  test('has no URL', () => {
    expect(aMessage(aFailedRun()).url).toBeUndefined();
  });
});

test('a message has no secret and no control character in the commit’s subject and the author', () => {
  const { context } = anEndedRun();
  const run = anEndedRun({
    context: {
      ...context,
      source: { ...context.source, subject: 'Use s3cr3t\u0007-t0ken' },
      job: { ...context.job, user: 's3cr3t-t0ken' },
    },
  });
  const message = buildMessage(run, (text) => text.replace(/s3cr3t.?-t0ken/, '[TOKEN]\u001b[2J'));
  expect([message.commit?.subject, message.author]).toEqual(['Use [TOKEN]', '[TOKEN]']);
});

test('a merged results pipeline reports the commit of the branch, not GitLab’s merge commit', () => {
  const { context } = anEndedRun();
  const job = { ...context.job, merged: { commit: 'b'.repeat(40), target: 'main' } };
  expect(aMessage(anEndedRun({ context: { ...context, job } })).commit).toEqual({
    id: 'b'.repeat(40),
    short: 'bbbbbbbb',
    subject: 'merged with main',
    url: `https://gitlab.example.com/group/shop/-/commit/${'b'.repeat(40)}`,
  });
});
