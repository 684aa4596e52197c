import { describe, expect, test } from 'vitest';
import { type JobInput, readJobInput } from '../../src/environment/job-input.ts';
import { createRedactor } from '../../src/run/redactor.ts';
import { Secret } from '../../src/secret.ts';
import { aContext } from '../support/context.ts';

const jobInput = (env: Readonly<Record<string, string>>): Promise<JobInput> =>
  readJobInput({ env, cwd: '/nowhere' });

const withFile = async (env: Readonly<Record<string, string>>, text: string) =>
  createRedactor({ ...(await jobInput(env)), configuration: { path: '.dokku-deploy.yml', text } });

describe('a redactor', () => {
  test('masks the declared secrets from the start', async () => {
    const { redact } = createRedactor(await jobInput({ GITLAB_TOKEN: 'glpat-0123456789' }));
    expect(redact('the token is glpat-0123456789')).toBe('the token is [GITLAB_TOKEN]');
  });

  test('masks the variables that the configuration file refers to from the start: an error may quote one', async () => {
    const { redact } = await withFile(
      { MY_KEY: 's3cret-value', MY_ENV: 'production', CI_PROJECT_PATH: 'group/shop', OTHER: 'other-value' },
      'review: {name: $MY_KEY}\nenv: {A: $MY_ENV, B: $CI_PROJECT_PATH}',
    );
    expect(redact('s3cret-value production group/shop other-value')).toBe(
      '[MY_KEY] production group/shop other-value',
    );
  });

  test('masks the secrets of the context once it is known, and the declared ones keep their names', async () => {
    const { redact, addContext } = createRedactor(await jobInput({ GITLAB_TOKEN: 'glpat-0123456789' }));
    const vault = new Map(
      ['a-later-secret', 'glpat-0123456789'].map((value) => [value, new Secret('config.KEY', value)]),
    );
    addContext(aContext({ vault }));
    expect(redact('a-later-secret glpat-0123456789')).toBe('[config.KEY] [GITLAB_TOKEN]');
  });

  test('leaves the names of what the run is about unmasked, and masks the value elsewhere', async () => {
    const { redact, addContext } = createRedactor(await jobInput({}));
    const vault = new Map([['config.NAME', new Secret('config.NAME', 'guestbook')]]);
    addContext(
      aContext({ vault, app: 'guestbook-fix', ref: 'guestbook/fix', environment: 'review/guestbook' }),
    );
    expect(redact('Deploy guestbook-fix of guestbook/fix to review/guestbook')).toBe(
      'Deploy guestbook-fix of guestbook/fix to review/guestbook',
    );
    expect(redact('login guestbook')).toBe('login [config.NAME]');
  });

  test('leaves the URL of the app unmasked once it is known', async () => {
    const { redact, addContext, keep } = createRedactor(await jobInput({}));
    addContext(aContext({ vault: new Map([['x', new Secret('config.X', 'my-company')]]) }));
    keep(['https://shop.my-company.com']);
    expect(redact('at https://shop.my-company.com')).toBe('at https://shop.my-company.com');
  });

  test('masks the passwords of the app’s configuration on the host, and none of its settings', async () => {
    const { redact, addAppConfig } = createRedactor(await jobInput({}));
    addAppConfig(
      new Map(
        Object.entries({
          DATABASE_URL: 'mysql://mysql:d4t4b4se@dokku-mysql-x:3306/x',
          SECRET_KEY_BASE: 'k3y-base',
          GREETING: 'hello-world-1',
          LOCAL_URL: 'postgres://postgres:postgres@localhost/x',
        }),
      ),
    );
    expect(redact('d4t4b4se k3y-base hello-world-1 postgres')).toBe(
      '[config.DATABASE_URL] [config.SECRET_KEY_BASE] hello-world-1 postgres',
    );
  });

  test('removes control characters first, so that none can split a secret', async () => {
    const { redact } = createRedactor(await jobInput({ GITLAB_TOKEN: 'glpat-0123456789' }));
    expect(redact('glpat-\u0000012345\u001b[2J6789\u0007')).toBe('[GITLAB_TOKEN]');
  });
});
