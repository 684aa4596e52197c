import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/apply/events.ts';
import { DeployError } from '../../src/errors.ts';
import { goBackAfter } from '../../src/run/go-back.ts';
import type { RunContext } from '../../src/run/run-context.ts';
import { aContext } from '../support/context.ts';

const notServing = new DeployError('not-serving', { message: 'shop does not serve.' });

/** Goes back after this error, with this way back. */
const goBack = async (rollBack: () => Promise<RunResult>) => {
  const warnings: string[] = [];
  const run = {
    context: aContext({ command: 'deploy', environment: 'production', app: 'shop', goesBack: true }),
    reporter: { warn: (_: string, message: string) => warnings.push(message) },
    world: { stop: new AbortController().signal },
  } as unknown as RunContext;
  const error = await goBackAfter(notServing, run, rollBack);
  return { error, warnings };
};

const failWith = (code: 'not-serving' | 'build-failed', message: string) => () =>
  Promise.reject(new DeployError(code, { message }));

describe('the way back', () => {
  test('is reported with the commit that runs', async () => {
    const commit = 'a'.repeat(40);
    const { error } = await goBack(async () => ({ kind: 'serving', urls: [], shipped: true, commit }));
    expect(error).toMatchObject({
      code: 'not-serving',
      message: 'shop does not serve. It was taken back to aaaaaaaa, which runs now.',
    });
  });

  test('is reported as done if the release before runs but does not answer as it must', async () => {
    const { error } = await goBack(failWith('not-serving', 'shop still answers 404.'));
    expect(error).toMatchObject({
      message:
        'shop does not serve. It was taken back, but the release before does not answer as probe asks either: shop still answers 404.',
    });
  });

  test('is reported as not done if it fails earlier', async () => {
    const { error } = await goBack(failWith('build-failed', 'The build failed.'));
    expect(error).toMatchObject({
      message: 'shop does not serve. It was not taken back: The build failed.',
    });
  });
});
