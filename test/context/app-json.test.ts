import { describe, expect, test } from 'vitest';
import { readAppJson } from '../../src/context/app-json.ts';
import { servicesOf } from '../support/job-context.ts';

describe('services', () => {
  test.each([
    ['["dokku-mysql"]', ['mysql:feature-x-database']],
    ['["heroku-postgresql:mini", "heroku-redis"]', ['postgres:feature-x-database', 'redis:feature-x-redis']],
    ['[{"plan": "heroku-postgresql", "as": "FOLLOWER"}]', ['postgres:feature-x-database as FOLLOWER']],
    ['[{"plan": "heroku-postgresql:mini", "as": "DATABASE"}]', ['postgres:feature-x-database']],
  ])('come from the addons %s of app.json', async (addons, services) => {
    expect(await servicesOf({ files: { appJson: `{"addons": ${addons}}` } })).toEqual(services);
  });

  test('in the configuration file replace the addons of app.json', async () => {
    expect(
      await servicesOf({ files: { yml: 'services: []', appJson: '{"addons": ["dokku-mysql"]}' } }),
    ).toEqual([]);
  });
});

test('environments.review is merged into app.json for a review app only', async () => {
  const text =
    '{"env": {"A": "1", "B": "2"}, /* c */ "environments": {"review": {"env": {"B": "3"}, "scripts": {"postdeploy": "seed"}}},}';
  const review = await readAppJson({ path: 'app.json', text, review: true });
  expect(JSON.parse(review.reviewText ?? '')).toEqual({
    env: { A: '1', B: '3' },
    scripts: { postdeploy: 'seed' },
  });
  expect((await readAppJson({ path: 'app.json', text, review: false })).reviewText).toBeUndefined();
});
