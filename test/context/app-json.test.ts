import { describe, expect, test } from 'vitest';
import { readAppJson } from '../../src/context/app-json.ts';
import { parseJson } from '../../src/context/json-document.ts';
import { contextOf, servicesOf } from '../support/job-context.ts';

const read = async (text: string, review = true) => {
  const document = await parseJson('app.json', text);
  if (!('value' in document)) throw new Error(document.message);
  return readAppJson(document, { review });
};

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

  test('that no plugin provides are left out with one warning', async () => {
    const appJson = '{"addons": ["papertrail:choklad", "heroku-postgresql", "scheduler:standard"]}';
    const { services, warnings } = await contextOf({ command: 'deploy', files: { appJson } });
    expect(services.map(({ plugin }) => plugin)).toEqual(['postgres']);
    expect(warnings).toEqual([
      {
        about: 'app.json: addons',
        message: 'no service plugin provides these add-ons, so they are left out: papertrail, scheduler',
      },
    ]);
  });
});

test('environments.review is merged into app.json for a review app only', async () => {
  const text =
    '{"env": {"A": "1", "B": "2"}, /* c */ "environments": {"review": {"env": {"B": "3"}, "scripts": {"postdeploy": "seed"}}},}';
  const review = await read(text);
  expect(JSON.parse(review.reviewText ?? '')).toEqual({
    env: { A: '1', B: '3' },
    scripts: { postdeploy: 'seed' },
  });
  expect(review.declaredEnv.map(({ key, value }) => [key, value])).toEqual([
    ['A', '1'],
    ['B', '3'],
  ]);
  expect((await read(text, false)).reviewText).toBeUndefined();
});

test.each([
  ['{"formation": [{"process": "web", "quantity": 1}]}', '1:15', 'formation', '{"web": {"quantity": 1}}'],
  ['{\n"env": ["A"]}', '2:8', 'env', 'Fix the file'],
  ['{"scripts": "x"}', '1:13', 'scripts', 'Fix the file'],
])(
  'app.json %j is refused, as Dokku would refuse it after the app was created',
  async (text, at, key, remedy) => {
    expect((await read(text)).problems).toEqual([
      {
        where: `app.json:${at}`,
        message: `${key} is not an object, so Dokku would refuse the file`,
        remedy: expect.stringContaining(remedy),
      },
    ]);
  },
);

test('a script that Dokku never runs is a warning for a review app', async () => {
  const text = '{"scripts": {"pr-predestroy": "cleanup"}}';
  const about = 'app.json: scripts.pr-predestroy';
  expect((await read(text)).warnings).toMatchObject([{ about }]);
  expect((await read(text, false)).warnings).toEqual([]);
});

test('a key that every object inherits is none of the file’s', async () => {
  const odd = await read(
    '{"__proto__": {"addons": ["mysql"], "env": {"A": {}}}, "environments": {"constructor": 1}}',
  );
  expect([odd.services, odd.declaredEnv, odd.problems]).toEqual([[], [], []]);
});
