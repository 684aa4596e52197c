import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const declared = async (env: unknown, yml?: string, addons: readonly string[] = []) => {
  const appJson = JSON.stringify({ addons, env });
  const files = { appJson, ...(yml === undefined ? {} : { yml }) };
  return (await contextOf({ command: 'deploy', files })).declaredEnv;
};

describe('a variable that app.json declares', () => {
  test.each([
    ['text', { value: 'text', required: false }],
    [{ value: 'text' }, { value: 'text', required: true }],
    [{ value: '' }, { value: undefined, required: true }],
    [{}, { value: undefined, required: true }],
    [
      { description: 'a key', required: false },
      { value: undefined, required: false },
    ],
    [{ generator: 'secret' }, { generator: 'secret', required: true }],
    [{ generator: 'other' }, { generator: undefined, required: true }],
    [5, { value: '5', required: false }],
    [{ value: true }, { value: 'true', required: true }],
  ])('as %j is read', async (entry, expected) => {
    expect(await declared({ A: entry })).toMatchObject([{ key: 'A', where: 'app.json:1:25', ...expected }]);
  });

  test('is left to the configuration file or a service that sets it', async () => {
    const env = { A: {}, B: {}, DATABASE_URL: {} };
    expect((await declared(env, 'env: {A: x}', ['mysql'])).map(({ key }) => key)).toEqual(['B']);
    expect(await declared(env, 'environments: {}\nenv: {A: x, B: y, DATABASE_URL: z}')).toEqual([]);
  });

  test.each([
    ['DOKKU_DEPLOY_REVIEW', 'x', 'env.DOKKU_DEPLOY_REVIEW: keys with DOKKU_DEPLOY_ are reserved'],
    ['GIT_REV', 'x', 'env.GIT_REV: Dokku writes this key itself'],
    ['A-B', 'x', 'env.A-B: the key may have only letters'],
    ['A', 'C:\\', 'env.A: ends with \\'],
    ['A', null, 'env.A: not text and not an object'],
    ['A', ['x'], 'env.A: not text and not an object'],
  ])('with the key %s and the value %j is refused', async (key, value, message) => {
    await expect(declared({ [key]: value })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`app.json:1:${24 + key.length}: ${message}`),
    });
  });

  test('as a number is a warning, since Dokku accepts text only', async () => {
    const { warnings } = await contextOf({ files: { appJson: '{"env": {"A": 5}}' } });
    expect(warnings).toMatchObject([{ about: 'app.json:1:15' }]);
  });
});
