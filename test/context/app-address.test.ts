import { describe, expect, test } from 'vitest';
import { hostStandIn } from '../../src/context/app-address.ts';
import { createMask } from '../../src/report/mask.ts';
import { type ContextQuery, contextOf } from '../support/job-context.ts';

const valuesOf = async (yml: string, query: ContextQuery = {}) => {
  const { config, vault } = await contextOf({ ...query, files: { yml } });
  return Object.fromEntries(config.map((key) => [key, vault.get(`config.${key}`)?.reveal()]));
};
const env = 'env: {HOST: $APP_HOST, LINK: $APP_URL}';
const production = { command: 'deploy', flags: { environment: 'production' } } as const;
const staging = { command: 'deploy', flags: { environment: 'staging' } } as const;

describe('$APP_HOST and $APP_URL', () => {
  test.each<[string, string, string, ContextQuery]>([
    ['domains: [shop.example.com]\ntls: none', 'shop.example.com', 'http', production],
    ['domains: ["*.x.com", a.x.com, b.x.com]\ntls: none', 'a.x.com', 'http', production],
    [
      'domains: [shop.example.com]\ntls: {letsencrypt: {email: ops@example.com}}',
      'shop.example.com',
      'https',
      production,
    ],
    ['domains: [$APP.example.com]\ntls: letsencrypt', 'feature-x.example.com', 'https', {}],
    [
      'review: {domains: [$REF_SLUG.review.example.com], tls: none}',
      'feature-x.review.example.com',
      'http',
      {},
    ],
    [
      'domains: [a.x.com]\ntls: none\nenvironments: {staging: {domains: [b.x.com]}}',
      'b.x.com',
      'http',
      staging,
    ],
  ])('are known if the file declares %j', async (declared, host, scheme, query) => {
    expect(await valuesOf(`${declared}\n${env}`, query)).toEqual({ HOST: host, LINK: `${scheme}://${host}` });
  });

  test('are known in the environment of a service, too, and are not masked', async () => {
    const yml = 'domains: [$APP.example.com]\ntls: none\nservices: [{type: mysql, env: {ORIGIN: $APP_URL}}]';
    const { vault } = await contextOf({ files: { yml } });
    expect(vault.get('service.feature-x-database.ORIGIN')?.reveal()).toBe('http://feature-x.example.com');
    expect(createMask(vault.values())('at http://feature-x.example.com')).toBe(
      'at http://feature-x.example.com',
    );
  });

  test('are the job’s own variables if it has some', async () => {
    const own = { APP_HOST: 'own.example.com', APP_URL: 'https://own.example.com' };
    const yml = `domains: [shop.example.com]\ntls: none\n${env}`;
    expect(await valuesOf(yml, { ...production, env: own })).toEqual({
      HOST: own.APP_HOST,
      LINK: own.APP_URL,
    });
  });

  test('wait for the host if it chooses the domain', async () => {
    const yml = `review: {tls: none}\nenvironments: {production: {domains: [shop.example.com]}}\n${env}`;
    const { addressValues, vault } = await contextOf({ files: { yml } });
    expect(addressValues).toEqual([
      { secret: 'config.HOST', where: '.dokku-deploy.yml: env.HOST' },
      { secret: 'config.LINK', where: '.dokku-deploy.yml: env.LINK' },
    ]);
    expect(vault.get('config.LINK')?.reveal()).toBe(`http://${hostStandIn}`);
    expect(vault.get('config.LINK')?.isPublic).toBe(true);
  });

  test('do not wait if a value has a default, or the job has the variable', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a job, as a user writes it
    const withDefault = 'env: {A: "${APP_HOST:-localhost}"}';
    const yml = `${withDefault.slice(0, -1)}, B: $APP_HOST}`;
    const { addressValues, vault } = await contextOf({ files: { yml }, env: { APP_HOST: 'own.test' } });
    expect(addressValues).toEqual([]);
    expect(vault.get('config.B')?.reveal()).toBe('own.test');
    const alone = await contextOf({ files: { yml: withDefault } });
    expect([alone.addressValues, alone.vault.get('config.A')?.reveal()]).toEqual([[], 'localhost']);
  });

  test.each([
    [
      'domains: [shop.example.com]\nenv: {A: $APP_URL}',
      'env.A: APP_URL is not known',
      'Declare tls (tls: none for http)',
    ],
    [
      'domains: ["*.example.com"]\nenv: {A: $APP_HOST}',
      'env.A: APP_HOST is not known',
      'Declare a domain that is one host (domains), or write $APP',
    ],
    ['domains: []\nenv: {A: $APP_HOST}', 'env.A: APP_HOST is not known', 'Declare a domain'],
    ['proxy: false\nenv: {A: $APP_HOST}', 'env.A: APP_HOST is not known', 'Declare a domain'],
    ['env: {A: $APP_URL}', 'env.A: APP_URL is not known', 'Declare tls'],
    ['docker_options: {deploy: ["--label a=$APP_HOST"]}', 'APP_HOST is not known', 'Declare a domain'],
  ])('are refused with what to do if the file has only %j', async (yml, message, remedy) => {
    await expect(contextOf({ ...production, files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });
});
