import { expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const hintOf = async (password: string) => {
  const yml = `basic_auth: {user: $WHO, password: ${JSON.stringify(password)}}`;
  const { loginHint } = await contextOf({ files: { yml }, env: { WHO: 'team', PW: 'hunter2-hunter2' } });
  return loginHint;
};

test('the login of an app is described by its user and the variable of its password', async () => {
  expect(await hintOf('$PW')).toEqual({ user: 'team', variable: 'PW' });
  expect(await hintOf('$'.concat('{PW}'))).toEqual({ user: 'team', variable: 'PW' });
});

test('a password that is not exactly one variable is not repeated', async () => {
  for (const password of ['literally', 'x$PW', '$PW$PW']) {
    expect(JSON.stringify(await hintOf(password))).toBe('{"user":"team"}');
  }
});

test('without basic_auth there is no login', async () => {
  expect((await contextOf({})).loginHint).toBeUndefined();
});
