import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from '../support/child.ts';
import { aFolder } from '../support/repository.ts';
import { aShop, type Shop } from '../support/shop.ts';

const nasty = `it's "$HOME" \\ \`id\` %s\ttab #`;
const env = { TOKEN: `${nasty}end`, PASSWORD: 'p4ss w0rd' };
const yml = [
  'probe: false',
  'services: [{type: redis, env: {MODE: $PASSWORD}}]',
  `env: {TOKEN: $TOKEN, RAILS_ENV: production, QUOTED: "it's \\"so\\" ok"}`,
  'domains: [shop.example.com, www.example.com]',
].join('\n');

test('commands that are pasted into sh, with OpenSSH, leave the host as the plan does', async () => {
  await using applied = await aShop({ services: ['redis'] });
  await using pasted = await aShop({ services: ['redis'] });
  for (const shop of [applied, pasted])
    shop.repository.commit({ 'index.html': 'hello', '.dokku-deploy.yml': yml });
  expect((await applied.run('deploy production', env)).exit).toBe(0);
  const { stdout: script } = await pasted.run('deploy production --dry-run --explain', env);
  const { exit, output } = await paste(script, pasted);
  expect([exit, output]).toEqual([0, expect.stringContaining('Application deployed')]);
  expect(stateOf(pasted)).toEqual(stateOf(applied));
  // The next run finds an app of its own that lacks nothing.
  const { stdout } = await pasted.run('deploy production --dry-run', env);
  expect(stdout).not.toMatch(/apps:create|config:import.*TOKEN|redis:|domains:/);
});

/** Pastes a script into sh, in the checkout, with the sandbox's key. */
async function paste(script: string, { sandbox, repository }: Shop) {
  using home = aFolder();
  mkdirSync(join(home.folder, 'bin'));
  const files = { key: sandbox.privateKey, known_hosts: sandbox.knownHosts };
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(home.folder, name), text, { mode: 0o600 });
  const options = [
    ...['-F', '/dev/null', '-i', join(home.folder, 'key'), '-o', 'BatchMode=yes'],
    ...['-o', `UserKnownHostsFile=${join(home.folder, 'known_hosts')}`],
  ].join(' ');
  // Only adds what a user has in ~/.ssh.
  const ssh = `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`;
  writeFileSync(join(home.folder, 'bin', 'ssh'), ssh, { mode: 0o755 });
  writeFileSync(join(home.folder, 'script'), script);
  return await startProgram(['sh', join(home.folder, 'script')], {
    cwd: repository.folder,
    env: {
      PATH: `${join(home.folder, 'bin')}:${process.env.PATH}`,
      TOKEN: env.TOKEN,
      SERVICE_SHOP_REDIS_MODE: env.PASSWORD,
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_EMAIL: 'x@example.com',
      GIT_COMMITTER_NAME: 'x',
      GIT_COMMITTER_EMAIL: 'x@example.com',
    },
  }).result;
}

/** What a deploy leaves on the host, without what is random or only recorded. */
function stateOf(shop: Shop) {
  const config = [...shop.config('shop')].filter(
    ([key]) =>
      !/^(REDIS_URL|GIT_REV|DOKKU_DEPLOY_(COMMIT|COMMITTED_AT|REVISION|URL|BASE|RELEASES))$/.test(key),
  );
  const { deployed, domains } = shop.app('shop');
  const services = [...shop.sandbox.state.services].flatMap(([plugin, named]) =>
    [...named].map(([name, { links }]) => ({ plugin, name, links: [...links] })),
  );
  return { config: Object.fromEntries(config), deployed, domains, services };
}
