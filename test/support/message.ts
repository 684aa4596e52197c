import type { Context } from '../../src/context/context.ts';
import { DeployError } from '../../src/errors.ts';
import { buildMessage, type FinishedRun, type Message } from '../../src/notify/message.ts';
import { aContext } from './context.ts';

const context: Context = aContext({
  command: 'deploy',
  app: 'shop',
  ref: 'main',
  environment: 'production',
  job: {
    commit: undefined,
    url: 'https://gitlab.example.com/group/shop/-/jobs/7',
    pipelineUrl: 'https://gitlab.example.com/group/shop/-/pipelines/3',
    projectUrl: 'https://gitlab.example.com/group/shop',
    user: 'Zoé Martin',
    autoStopIn: undefined,
    afterMerge: undefined,
    merged: undefined,
  },
  source: { ...aContext().source, subject: 'Add the name' },
});

/** A successful deploy to production. `more` overrides its fields. */
export const anEndedRun = (more: Partial<FinishedRun> = {}): FinishedRun => ({
  context,
  result: { kind: 'serving', urls: ['https://shop.example.com'], shipped: true },
  error: undefined,
  at: Date.UTC(2026, 10, 2, 12, 0, 0),
  took: 32_000,
  services: ['mysql:shop-database'],
  ...more,
});

/** The same run with a failed build. */
export const aFailedRun = (
  said: readonly string[] = ['npm error missing script: build', 'exit 1'],
): FinishedRun =>
  anEndedRun({
    result: undefined,
    error: new DeployError('build-failed', {
      message: 'The host could not build shop.',
      said,
      remedy: 'Fix it.',
    }),
  });

/** The message about a run without secrets. */
export const aMessage = (run: FinishedRun = anEndedRun()): Message => buildMessage(run, (text) => text);
