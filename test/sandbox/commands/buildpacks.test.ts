import { expect, test } from 'vitest';
import { aDokkuHost } from '../../support/dokku-host.ts';

test('buildpacks are added once, set by their place, replaced as a list and removed', async () => {
  await using host = await aDokkuHost([]);
  const list = async () => (await host.run('buildpacks:report shop --buildpacks-list')).out.trim();
  await host.run('apps:create shop');
  await host.run('buildpacks:add shop heroku/nodejs');
  await host.run('buildpacks:add shop heroku/nodejs');
  expect(await list()).toBe('https://github.com/heroku/heroku-buildpack-nodejs.git');
  await host.run('buildpacks:set --index 1 shop https://example.com/one/two.git');
  expect(await list()).toBe('https://example.com/one/two.git');
  await host.run('buildpacks:set --replace shop heroku/ruby heroku/nodejs');
  await host.run('buildpacks:remove shop heroku/ruby');
  expect(await list()).toBe('https://github.com/heroku/heroku-buildpack-nodejs.git');
  await host.run('buildpacks:clear shop');
  expect(await list()).toBe('');
  expect((await host.run('buildpacks:add shop nonsense')).err).toBe(
    ' !     Invalid buildpack specified: nonsense\n',
  );
  expect((await host.run('buildpacks:set shop heroku/ruby heroku/nodejs')).err).toBe(
    ' !     Setting multiple buildpacks requires the --replace flag\n',
  );
});
