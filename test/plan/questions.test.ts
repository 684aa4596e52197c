import { describe, expect, test } from 'vitest';
import type { HostState } from '../../src/plan/host-state.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext, database } from '../support/context.ts';

const refuse = (stderr: string) => {
  const [question] = openQuestions(aContext(), {});
  return () => question?.read({ kind: 'refused', exit: 1, stdout: '', stderr });
};

test('an app whose configuration the host cannot read is reported with the way out, and without the value', () => {
  const error = (() => {
    try {
      return refuse(' !     unterminated quoted value "hunter2\\\\"\n')();
    } catch (caught) {
      return caught;
    }
  })();
  expect(error).toMatchObject({
    code: 'host-refused',
    message: 'The host cannot read the configuration of my-branch: a value in it is damaged.',
    remedy: expect.stringContaining('/home/dokku/my-branch/ENV'),
  });
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

test('any other refusal is reported in the host’s words', () => {
  expect(refuse(' !     disk is on fire\n')).toThrow(
    'The host refused: config:export --format json my-branch',
  );
});

describe('the questions of releases', () => {
  const context = aContext({ command: 'releases', app: 'shop' });
  const words = (hostState: HostState) =>
    openQuestions(context, hostState).map(({ command }) => command.words.join(' '));

  test('are about the app alone', () => {
    expect(words({})).toEqual(['config:export --format json shop', 'apps:report shop']);
  });

  test.each([['an app', stateOf('shop', {})] as const, ['no app', 'absent'] as const])(
    'end after one round with %s',
    (_, app) => {
      expect(words({ app })).toEqual([]);
    },
  );
});

describe('a service that the app names and is not linked to', () => {
  const marker =
    'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=my-branch&services=mysql%3Amy-branch-database';
  const app = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker });
  const context = aContext({ services: [database()] });

  /** The state of the service on a host that reports these links of it. */
  const observed = (links: string) => {
    const [question] = openQuestions(context, { app });
    const stdout = `       Links:               ${links}\n       Status:              running\n`;
    return { app, ...question?.read({ kind: 'answered', stdout, stderr: '' }) };
  };

  test('is another app’s if only that one is linked to it, and is not linked to this one', () => {
    const state = observed('shop billing');
    expect(state.services).toEqual(new Map([['mysql:my-branch-database', 'taken']]));
    expect(() => planReviewStart(context, state)).toThrow(
      'The service mysql:my-branch-database is linked to another app, and not to my-branch.',
    );
  });

  test.each(['-', 'my-branch', 'billing my-branch'])('is its own with the links %j', (links) => {
    const steps = planReviewStart(context, observed(links)).steps.map(({ id }) => id);
    expect(steps).toContain('link-mysql-my-branch-database');
  });
});
