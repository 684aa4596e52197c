import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const shipped = async (appJson: unknown, yml = '{}', command: 'review start' | 'deploy' = 'review start') => {
  const { source, notes } = await contextOf({ command, files: { yml, appJson: JSON.stringify(appJson) } });
  const text = source.extra['app.json'];
  return { appJson: text === undefined ? undefined : JSON.parse(text), notes };
};
const cron = [{ command: 'purge', schedule: '@daily' }];

describe('the profile of a review app', () => {
  test('turns off workers and cron in the app.json that is shipped, and says so', async () => {
    const formation = {
      web: { quantity: 2 },
      worker: { quantity: 3, max_parallel: 2 },
      clock: {},
      old: { quantity: 0 },
    };
    expect(await shipped({ name: 'shop', formation, cron })).toEqual({
      appJson: {
        name: 'shop',
        formation: { ...formation, worker: { quantity: 0, max_parallel: 2 }, clock: { quantity: 0 } },
      },
      notes: [
        'app.json: worker, clock, cron are off in a review app (review: {profile: full} turns everything on)',
      ],
    });
  });

  test('is that of a preview unless the file says otherwise, and none of an environment', async () => {
    const everything = { formation: { web: {}, worker: {} }, cron };
    const nothing = { appJson: undefined, notes: [] };
    expect((await shipped(everything, 'review: {profile: preview}')).notes).toHaveLength(1);
    expect(await shipped(everything, 'review: {profile: full}')).toEqual(nothing);
    expect(await shipped(everything, '{}', 'deploy')).toEqual(nothing);
    // Real commits are shipped as they are.
    expect(await shipped(everything, 'source: {history: full}')).toEqual(nothing);
  });

  test('keeps what environments.review of app.json declares', async () => {
    const formation = { web: { quantity: 1 }, worker: { quantity: 1 } };
    const review = { formation, cron: [{ command: 'seed', schedule: '@hourly' }] };
    const result = await shipped({
      formation: { web: {}, worker: { quantity: 5 } },
      cron,
      environments: { review },
    });
    expect(result).toEqual({ appJson: { formation, cron: review.cron }, notes: [] });
  });

  test.each([
    { formation: { web: { quantity: 1 } } },
    { formation: { bot: { quantity: 1 } } },
    { formation: { web: { quantity: 0 }, bot: { quantity: 1 } } },
    { cron: [] },
    { formation: null, scripts: {} },
  ])('leaves the file alone that needs no change: %j', async (appJson) => {
    expect(await shipped(appJson)).toEqual({ appJson: undefined, notes: [] });
  });

  test('does not concern an image, in which Dokku reads another app.json', async () => {
    const yml = 'source: {image_archive: image.tar}';
    expect((await shipped({ cron }, yml)).notes).toEqual([
      expect.stringContaining('in the working folder of the image'),
    ]);
  });

  test('is one of two', async () => {
    await expect(shipped({}, 'review: {profile: ful}')).rejects.toMatchObject({
      message: '.dokku-deploy.yml:1:19: review.profile: "ful" is not known',
      remedy: 'Did you mean full? Allowed: preview, full.',
    });
    await expect(shipped({}, 'profile: full')).rejects.toMatchObject({
      message: expect.stringContaining('profile is not'),
    });
  });
});
