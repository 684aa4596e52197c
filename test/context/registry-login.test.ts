// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
import { describe, expect, test } from 'vitest';
import { type ContextQuery, contextOf } from '../support/job-context.ts';

/** The login of a job with this `registry`, and the warnings; or the problems. */
const loginOf = async (yml: string, env: Record<string, string> = { TOKEN: 'deploy-token-1' }) => {
  const query: ContextQuery = { command: 'deploy', env, files: { yml: `registry: ${yml}\n` } };
  return contextOf(query).then(
    ({ registry, vault, warnings }) => ({
      login: registry && `${registry.user}@${registry.server}`,
      password: vault.get('registry.password')?.reveal(),
      warnings: warnings.map(({ message }) => message).filter((message) => !message.includes('empty host')),
    }),
    ({ said, message }: { said: readonly string[]; message: string }) => [message, ...said].join('\n'),
  );
};

describe('registry', () => {
  test('is a login whose password is a secret, whatever the name of its variable', async () => {
    expect(await loginOf('{server: registry.test:5000, user: bot, password: $TOKEN}')).toEqual({
      login: 'bot@registry.test:5000',
      password: 'deploy-token-1',
      warnings: [],
    });
  });

  test('can be another one for an environment', async () => {
    const yml = [
      'registry: {server: a.test, user: bot, password: $TOKEN}',
      'environments:',
      '  production: {app: shop, registry: {server: b.test, user: other, password: $TOKEN}}',
      '  staging: {app: shop-staging}',
    ].join('\n');
    const serverFor = async (environment: string) => {
      const query: ContextQuery = { command: 'deploy', env: { TOKEN: 'x-token' }, files: { yml } };
      return (await contextOf({ ...query, flags: { environment } })).registry?.server;
    };
    expect([await serverFor('production'), await serverFor('staging')]).toEqual(['b.test', 'a.test']);
  });

  test.each([
    ['{server: registry.test, user: $CI_REGISTRY_USER, password: $CI_REGISTRY_PASSWORD}'],
    ['{server: registry.test, user: bot, password: "${CI_JOB_TOKEN}"}'],
    ['{server: registry.test, user: gitlab-ci-token, password: $TOKEN}'],
  ])('warns about a token that ends with the job: %s', async (yml) => {
    const env = {
      TOKEN: 'x-token',
      CI_JOB_TOKEN: 'job-token',
      CI_REGISTRY_USER: 'gitlab-ci-token',
      CI_REGISTRY_PASSWORD: 'job-token',
    };
    expect(await loginOf(yml, env)).toMatchObject({
      warnings: [expect.stringContaining('only valid until the job ends')],
    });
  });

  test.each([
    ['{server: "https://registry.test", user: bot, password: $TOKEN}', 'is not the address of a registry'],
    ['{server: registry.test, user: --global, password: $TOKEN}', 'is not the name of a user'],
    ['{server: registry.test, user: "a b", password: $TOKEN}', 'is not the name of a user'],
    ['{server: registry.test, user: bot, password: $NOT_SET}', 'the variable NOT_SET is not set'],
    ['{server: registry.test, user: bot}', 'password'],
  ])('is refused with the reason: %s', async (yml, message) => {
    expect(await loginOf(yml)).toContain(message);
  });

  test('is refused with a password of several lines, which it does not quote', async () => {
    const problems = await loginOf('{server: registry.test, user: bot, password: $TOKEN}', {
      TOKEN: 'one\ntwo',
    });
    expect(problems).toContain('has more than one line');
    expect(problems).not.toContain('two');
  });
});
