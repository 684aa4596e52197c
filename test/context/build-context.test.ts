import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildContext } from '../../src/context/build-context.ts';
import type { CommandName } from '../../src/context/target.ts';
import { jobInputOf } from '../support/job-context.ts';

describe('the recorded job of a real runner', () => {
  const recorded = new URL('../recorded/gitlab-runner/', import.meta.url);
  const cases = JSON.parse(readFileSync(new URL('cases.json', recorded), 'utf8')) as Record<
    string,
    Record<string, string>
  >;

  test.each(Object.keys(cases))('%s makes a valid context', async (name) => {
    const env = cases[name] ?? {};
    const command: CommandName =
      env.CI_ENVIRONMENT_ACTION === 'stop'
        ? 'review stop'
        : /staging|production|tag/.test(name)
          ? 'deploy'
          : 'review start';
    const context = await buildContext({
      command,
      flags: { hostRequirement: 'none' },
      jobInput: jobInputOf(env),
    });
    expect({
      app: context.app,
      ref: context.ref,
      environment: context.environment,
      project: context.project,
    }).toEqual({
      app: command === 'deploy' ? environmentApp(env) : expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/),
      ref: env.CI_COMMIT_REF_NAME,
      environment: env.CI_ENVIRONMENT_NAME,
      project: { id: '42', path: 'acme/boutique' },
    });
  });
});

function environmentApp({ CI_ENVIRONMENT_NAME: environment }: Record<string, string>): string {
  return environment === 'staging' ? 'boutique-staging' : 'boutique';
}
