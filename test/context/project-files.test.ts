import { describe, expect, test } from 'vitest';
import { buildContext } from '../../src/context/build-context.ts';
import type { CommandName } from '../../src/context/target.ts';
import { contextOf, jobInputOf } from '../support/job-context.ts';

const branch = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_PROJECT_PATH: 'group/shop' };

describe('a broken configuration file', () => {
  const files = { yml: 'env:\n  A: *nothing' };

  test('stops a deploy', async () => {
    await expect(contextOf({ files })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('.dokku-deploy.yml:2:6: not valid YAML: Unresolved alias'),
    });
  });

  test.each(['review run', 'rollback', 'releases', 'status', 'lock', 'unlock'] as const)(
    'stops %s: the file may name another app',
    async (command) => {
      await expect(contextOf({ command, files })).rejects.toMatchObject({ code: 'configuration' });
    },
  );

  test.each([
    ['env:\n  A: *nothing', '.dokku-deploy.yml:2:6'],
    ['services: &s\n  - *s', '.dokku-deploy.yml:2:5'],
    ['\u0000\u0001\u0002', '.dokku-deploy.yml:1:1'],
    ['env: {__proto__: x}', '.dokku-deploy.yml:1:7'],
  ])('is a warning for review stop, which needs none: %j', async (yml, about) => {
    const { app, warnings } = await contextOf({ command: 'review stop', files: { yml } });
    expect([app, warnings[0]?.about]).toEqual(['feature-x', about]);
  });
});

describe('an app.yml', () => {
  const read = (text: string, command: CommandName = 'review start') =>
    buildContext({
      command,
      flags: { hostRequirement: 'none' },
      jobInput: {
        ...jobInputOf(branch),
        appFiles: new Map([['', { appYml: { path: 'app.yml', text }, unreadable: [] }]]),
      },
    });

  test('is shipped as app.json, with a warning', async () => {
    const { source, services, warnings } = await read('addons: [heroku-redis]\n');
    expect(JSON.parse(source.extra['app.json'] ?? '')).toEqual({ addons: ['heroku-redis'] });
    expect(services.map(({ plugin }) => plugin)).toEqual(['redis']);
    expect(warnings).toMatchObject([{ about: 'app.yml', message: expect.stringContaining('rename it') }]);
  });

  test.each([
    ['a: *b', 'app.yml:1:4: not valid YAML: Unresolved alias'],
    ['a: &a [*a]', 'app.yml: an alias contains itself'],
    ['env:\n  DOKKU_DEPLOY_REVIEW: x', 'app.yml:2:24: env.DOKKU_DEPLOY_REVIEW: keys with'],
    ['formation:\n- process: web', 'app.yml:2:1: formation is not an object'],
  ])('that Dokku could not read is refused with its position: %j', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ message: expect.stringContaining(message) });
    expect((await read(text, 'review stop')).app).toBe('fix');
  });
});

test('the URL of a service that the plan knows needs no declared variable', async () => {
  const appJson = '{"addons": ["heroku-postgresql"], "env": {"MAIL_KEY": {}, "DATABASE_URL": {}}}';
  expect((await contextOf({ files: { appJson } })).declaredEnv.map(({ key }) => key)).toEqual(['MAIL_KEY']);
});
