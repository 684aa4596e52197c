import { describe, expect, test } from 'vitest';
import { type Job, readComponent, readInputs, readJobs } from '../support/component.ts';

const names = ['review', 'deploy', 'pipeline'];

describe.each(names)('the component %s', (name) => {
  test('says what each input is for, gives it a default unless it is the image, and uses it', () => {
    const [, body = ''] = readComponent(name).split(/^---$/m);
    for (const [input, { description, default: value }] of Object.entries(readInputs(name))) {
      // The job holds a key: a default would be the name of an image that anybody may have pushed.
      expect([input, typeof description, value === undefined]).toEqual([input, 'string', input === 'image']);
      expect(body).toContain(`$[[ inputs.${input} ]]`);
    }
  });

  test('names no input that it does not have', () => {
    const used = [...readComponent(name).matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map(([, input]) => input);
    expect(used.filter((input) => !(String(input) in readInputs(name)))).toEqual([]);
  });
});

describe('the review component', () => {
  const { review = {}, stop_review: stop = {} } = readJobs('review');

  test('has two jobs with equal rules, for one environment, of which one runs at a time', () => {
    expect(stop.rules).toEqual(review.rules);
    expect(stop.resource_group).toBe(review.resource_group);
    expect((stop.environment as Job).name).toBe((review.environment as Job).name);
    expect((review.environment as Job).on_stop).toBe('stop_review');
  });

  test('stops without a checkout, without being waited for, and after nothing', () => {
    expect(stop).toMatchObject({
      variables: { GIT_STRATEGY: 'none' },
      environment: { action: 'stop' },
      when: 'manual',
      allow_failure: true,
      needs: [],
    });
  });

  test('keeps the report and the facts of a failed run, too', () => {
    expect(review.artifacts).toMatchObject({ when: 'always', reports: { dotenv: 'dokku-deploy.env' } });
  });
});

test('production is behind a button that nobody has to press', () => {
  const [, , production] = (readJobs('pipeline').include ?? []) as unknown as readonly {
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
  expect(readJobs('deploy', production?.inputs).production).toMatchObject({
    when: 'manual',
    allow_failure: true,
    resource_group: 'production',
    environment: { name: 'production' },
  });
});
