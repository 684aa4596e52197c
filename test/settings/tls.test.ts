import { describe, expect, test } from 'vitest';
import { tls } from '../../src/settings/tls.ts';
import { aCertificate, daysFromNow } from '../support/certificates.ts';
import { aDeclaredApp, settingSteps } from '../support/declared-app.ts';
import { contextOf } from '../support/job-context.ts';

test.each([
  ['letsencrypt', { letsencrypt: { email: 'a@example.com' } }, { letsencrypt: { email: 'a@example.com' } }],
  [{ letsencrypt: { email: 'a@example.com' } }, 'letsencrypt', { letsencrypt: { email: 'a@example.com' } }],
  [
    { letsencrypt: { email: 'a@example.com' } },
    { letsencrypt: { server: 'staging' } },
    { letsencrypt: { email: 'a@example.com', server: 'staging' } },
  ],
  [
    { certificate: '$C', key: '$K' },
    { letsencrypt: { server: 'staging' } },
    { letsencrypt: { server: 'staging' } },
  ],
  [
    { letsencrypt: { server: 'staging' } },
    { certificate: '$C', key: '$K' },
    { certificate: '$C', key: '$K' },
  ],
  [{ certificate: '$C', key: '$K' }, 'letsencrypt', 'letsencrypt'],
  ['none', { letsencrypt: {} }, { letsencrypt: {} }],
  [{ letsencrypt: {} }, 'none', 'none'],
] as const)('tls %j at the top level and %j in a block is %j', (wide, narrow, merged) => {
  expect(tls.merge?.(wide, narrow)).toEqual(merged);
});

const own = 'tls: {certificate: $TLS_CERT, key: $TLS_KEY}';
const toEnv = ({ certificate, key }: { certificate: string; key: string }) => ({
  TLS_CERT: certificate,
  TLS_KEY: key,
});

describe('letsencrypt', () => {
  test('without an e-mail address of the file or the host is refused before anything is changed', async () => {
    await using app = await aDeclaredApp();
    await expect(app.plan('tls: letsencrypt')).rejects.toMatchObject({
      code: 'configuration',
      message: 'tls: letsencrypt needs an e-mail address, and the host has none for all apps.',
    });
  });

  test('warns about the rate limits of the authority for review apps, except for its staging server', async () => {
    const review = (tls: string) => contextOf({ files: { yml: `review: {tls: ${tls}}` } });
    expect((await review('letsencrypt')).warnings).toMatchObject([
      { about: '.dokku-deploy.yml: tls', message: expect.stringContaining('only 50 a week') },
    ]);
    expect((await review('{letsencrypt: {server: staging}}')).warnings).toEqual([]);
  });

  test('gets another certificate once the domains are others', async () => {
    await using app = await aDeclaredApp();
    const yml = (domains: string) => `{domains: [${domains}], tls: {letsencrypt: {email: ops@example.com}}}`;
    const { createAuthority } = await import('../../sandbox/authority/authority.ts');
    app.host.machine.state.authority = createAuthority(0);
    await app.apply(yml('a.example.com'));
    const steps = settingSteps(await app.apply(yml('a.example.com, b.example.com')));
    expect(steps.map(({ id, before, after }) => [id, before, after])).toEqual([
      ['set-domains', 'a.example.com', 'a.example.com, b.example.com'],
      [
        'set-tls',
        'letsencrypt (for a.example.com, e-mail ops@example.com)',
        'letsencrypt (for a.example.com, b.example.com, e-mail ops@example.com)',
      ],
    ]);
  });

  test('fails with the words of the authority, and the app keeps what it had', async () => {
    await using app = await aDeclaredApp();
    const failed = app.apply('tls: {letsencrypt: {email: ops@example.com}}');
    await expect(failed).rejects.toMatchObject({
      code: 'host-refused',
      said: expect.arrayContaining([expect.stringContaining('reaches no certificate authority')]),
    });
  });
});

describe('a certificate', () => {
  test('adds https to the declared ports, as Dokku does', async () => {
    await using app = await aDeclaredApp();
    const yml = `ports: [http:80:5000]\n${own}`;
    const env = toEnv(aCertificate(['example.com']));
    await app.apply(yml, { env });
    expect(app.app().ports).toEqual(['http:80:5000', 'https:443:5000']);
    const looking = { env, context: { looksForDrift: true, drift: 'repair' as const } };
    expect(settingSteps(await app.plan(yml, looking))).toEqual([]);
    await app.apply('ports: [http:80:5000]');
    expect(app.app().ports).toEqual(['http:80:5000']);
  });

  test('is neither in the plan nor in the lines that are sent', async () => {
    await using app = await aDeclaredApp();
    const one = aCertificate(['example.com']);
    const plan = await app.apply(own, { env: toEnv(one) });
    const [secret = ''] = one.key.split('\n').slice(1);
    expect(JSON.stringify(plan)).not.toContain(secret);
    expect(app.sent().join('\n')).not.toContain(secret);
    expect(settingSteps(plan)[0]?.after).toMatch(/^certificate for example\.com until /);
  });

  test('that was renewed replaces the former one', async () => {
    await using app = await aDeclaredApp();
    await app.apply(own, { env: toEnv(aCertificate(['example.com'], { until: daysFromNow(20) })) });
    const renewed = aCertificate(['example.com']);
    await app.apply(own, { env: toEnv(renewed) });
    expect((await app.run('certs:show shop crt')).out).toBe(renewed.certificate);
  });

  test('that nginx refuses is taken back at once, for the sake of all other apps', async () => {
    await using app = await aDeclaredApp();
    await app.run('nginx:set shop client-max-body-size lots');
    const failed = app.apply(own, { env: toEnv(aCertificate(['example.com'])) });
    await expect(failed).rejects.toMatchObject({ code: 'host-refused' });
    expect(app.sent().slice(-2)).toEqual(['certs:add shop', 'certs:remove shop']);
  });

  test('that expires within a week is a warning', async () => {
    const env = toEnv(aCertificate(['example.com'], { until: daysFromNow(3) }));
    const { warnings } = await contextOf({
      command: 'deploy',
      env,
      flags: { app: 'shop' },
      files: { yml: own },
    });
    expect(warnings).toMatchObject([
      { about: '.dokku-deploy.yml: tls.certificate', message: expect.stringContaining('expires on') },
    ]);
  });
});
