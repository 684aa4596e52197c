import { describe, expect, test } from 'vitest';
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

  test.each([
    [
      'domains: [shop.example.com]\nenv: {A: $APP_URL}',
      'env.A: APP_URL is not known',
      'Declare domains and tls',
    ],
    [
      'domains: ["*.example.com"]\nenv: {A: $APP_HOST}',
      'env.A: APP_HOST is not known',
      'Declare domains, or write $APP',
    ],
    ['tls: none\nenv: {A: $APP_URL}', 'env.A: APP_URL is not known', 'Declare domains and tls'],
    [
      'review: {domains: [$APP.x.com]}\nenv: {A: $APP_HOST}',
      'env.A: APP_HOST is not known',
      'Declare domains',
    ],
  ])('are refused with what to do if the file has only %j', async (yml, message, remedy) => {
    await expect(contextOf({ ...production, files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });
});
