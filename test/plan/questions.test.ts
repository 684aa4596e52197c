import { expect, test } from 'vitest';
import { openQuestions } from '../../src/plan/questions.ts';
import { aContext } from '../support/context.ts';

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
