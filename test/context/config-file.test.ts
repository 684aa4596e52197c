import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/context/config-file.ts';

test('a number keeps its written form wherever text is expected', async () => {
  const { configuration, problems } = await read(
    'app: 42\nenv: {A: 007, B: 1.0, C: 3, 5: x, ON: true}\nservices: [{type: postgres, version: 18.4}, {type: redis, version: 7.10}]',
  );
  expect(problems).toEqual([]);
  const { app, env = {}, services } = configuration;
  expect(app).toBe('42');
  expect(Object.entries(env).map(([key, value]) => `${key}=${value}`)).toEqual([
    '5=x',
    'A=007',
    'B=1.0',
    'C=3',
    'ON=true',
  ]);
  expect(services?.map((one) => typeof one === 'object' && String(one.version))).toEqual(['18.4', '7.10']);
});

describe('a problem has a line and a column', () => {
  test.each([
    ['ap: shop', '1:1', 'ap is not a known key', 'Did you mean app?'],
    ['env:\n  1: [a]', '2:6', 'env.1: expected text, a number, true or false', undefined],
    ['source:\n  history: 5', '2:12', 'source.history: "5" is not known', 'Allowed: snapshot, full.'],
    [
      'source:\n  history: ful',
      '2:12',
      'source.history: "ful" is not known',
      'Did you mean full? Allowed: snapshot, full.',
    ],
    [
      'services:\n  - type: redis\n    nam: x',
      '3:5',
      'services.0.nam is not a known key',
      'Did you mean name?',
    ],
    [
      'source: {root: ../other}',
      '1:16',
      'source.root: expected a folder inside the project, without ..',
      undefined,
    ],
    ['app: ""', '1:6', 'app: must not be empty', undefined],
    ['services: [{type: redis, as: [a]}]', '1:30', 'services.0.as: expected text, not a list', undefined],
    ['- app', '1:1', 'the file: expected an object, not a list', undefined],
    ['review: {name: [a]}', '1:16', 'review.name: expected text, not a list', undefined],
  ])('in %j', async (text, position, message, remedy) => {
    const { problems } = await read(text);
    expect(problems).toEqual([
      {
        where: `.dokku-deploy.yml:${position}`,
        message,
        remedy: remedy ?? 'See docs/configuration.md, or dokku-deploy schema.',
      },
    ]);
  });
});

function read(text: string) {
  return readConfigFile({ path: '.dokku-deploy.yml', text });
}

test('what is wrong does not hide the rest of the file: keys are left out, lists as a whole', async () => {
  const { configuration, problems } = await read(
    [
      'ap: shop',
      'env: {A: b, C: [d]}',
      'services: [redis, {nam: x}]',
      'registry: {user: [a], password: [b]}',
      'environments: {staging: 5, production: {app: shop, env: 3}}',
    ].join('\n'),
  );
  expect(problems).toHaveLength(8);
  expect(configuration).toEqual({
    env: { A: 'b' },
    registry: {},
    environments: { staging: {}, production: { app: 'shop' } },
  });
});
