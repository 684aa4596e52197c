import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFreshProject } from '../support/fresh-project.ts';
import { aHttpServer, type HttpServer } from '../support/http.ts';
import { aMailHost, smtpLogin } from '../support/smtp.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

const project = aFreshProject({ 'index.html': 'hello' });

const configure = (text: string) => writeFileSync(join(project.repository.folder, '.dokku-deploy.yml'), text);

type Env = Record<string, string>;

const laptop = (more: Env = {}): Env => ({ ...project.sandbox.env, ...more });

const job = (more: Env = {}): Env =>
  laptop({
    GITLAB_CI: 'true',
    CI_COMMIT_REF_NAME: 'main',
    CI_COMMIT_REF_SLUG: 'main',
    CI_ENVIRONMENT_NAME: 'production',
    CI_PROJECT_ID: '42',
    CI_PROJECT_PATH: 'group/shop',
    CI_PROJECT_NAME: 'shop',
    CI_PROJECT_URL: 'https://gitlab.example.com/group/shop',
    CI_JOB_URL: 'https://gitlab.example.com/group/shop/-/jobs/7',
    GITLAB_USER_NAME: 'Zoé Martin',
    ...more,
  });

const run = (env: Env, ...argv: string[]): Promise<ProgramResult> =>
  runProgram({ argv, cwd: project.repository.folder, env });

const secretPath = '/services/T0123/B0123/abcdefghijklmnopqrstuvwx';

const slackOf = (server: HttpServer): Env => ({ SLACK_WEBHOOK_URL: `${server.url}${secretPath}` });

const titles = (server: HttpServer): string[] =>
  server.received.map(({ body }) => (JSON.parse(body) as { text: string }).text);

describe('a deploy notifies the team', () => {
  test('in Slack with one variable: what, where, who, commit and links', async () => {
    await using server = await aHttpServer();
    const ran = await run(job(slackOf(server)), 'deploy');
    expect([ran.exit, titles(server)]).toEqual([0, ['✅ shop is live on production']]);
    const [{ path, body } = { path: '', body: '' }] = server.received;
    expect(path).toBe(secretPath);
    for (const part of [
      `http://shop.localhost:${project.sandbox.webPort}`,
      'Zoé Martin',
      'Say hello',
      '/-/jobs/7',
    ]) {
      expect(body).toContain(part);
    }
    expect(ran.stderr).not.toContain('Warning');
  });

  test('by mail with two variables, with TLS and a login', async () => {
    await using host = await aMailHost();
    const login = `${encodeURIComponent(smtpLogin.user)}:${encodeURIComponent(smtpLogin.password)}`;
    const url = `smtp://${login}@localhost:${host.port}?requireTLS=true&tls.rejectUnauthorized=false`;
    const env = job({ SMTP_URL: url, NOTIFY_EMAIL: 'team@example.com, chief@example.com' });
    const ran = await run(env, 'deploy');
    expect([ran.exit, ran.stderr.includes('Warning')]).toEqual([0, false]);
    expect(host.mails).toMatchObject([{ to: ['team@example.com', 'chief@example.com'], secure: true }]);
  });

  test('of a failure, with the host’s reason, in which secrets are masked', async () => {
    await using server = await aHttpServer();
    configure('env: {API_TOKEN: "$MY_TOKEN"}\n');
    const stderr = ' !     no place left, token tok-4f1c9a7be20d\n';
    project.sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 1, stderr });
    const ran = await run(job({ ...slackOf(server), MY_TOKEN: 'tok-4f1c9a7be20d' }), 'deploy');
    expect([ran.exit, titles(server)]).toEqual([4, ['❌ Deploy of shop to production failed']]);
    expect(server.received[0]?.body).toContain('no place left, token [config.API_TOKEN]');
    expect(server.received[0]?.body).not.toContain('tok-4f1c9a7be20d');
  });

  test('from a laptop, without GitLab variables', async () => {
    await using server = await aHttpServer();
    const ran = await run(laptop(slackOf(server)), 'deploy', 'staging', '--app', 'from-a-laptop');
    expect([ran.exit, titles(server)]).toEqual([0, ['✅ from-a-laptop is live on staging']]);
    expect(ran.stderr).not.toContain('Warning');
  });

  test('as configured by notify: each channel with its own payload, outcomes and environments', async () => {
    await using server = await aHttpServer();
    configure(`notify:
  - {type: mattermost, url: $HOOKS/mattermost}
  - {type: discord, url: $HOOKS/discord, on: [failure]}
  - {type: teams, url: $HOOKS/teams, environments: [prod*]}
  - {type: webhook, url: $HOOKS/json, secret: $KEY}
  - {type: slack, url: $HOOKS/slack, environments: [staging]}
`);
    const env = job({ HOOKS: server.url, KEY: 'k3y-of-the-hook', ...slackOf(server) });
    const ran = await run(env, 'deploy');
    expect(ran.exit, ran.stderr).toBe(0);
    expect(server.received.map(({ path }) => path).sort()).toEqual(['/json', '/mattermost', '/teams']);
    const signed = server.received.find(({ path }) => path === '/json');
    expect(signed?.headers['x-dokku-deploy-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(JSON.parse(signed?.body ?? '')).toMatchObject({ version: 1, outcome: 'success', app: 'shop' });
  });
});

describe('a review app', () => {
  const review = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_ENVIRONMENT_NAME: 'review/fix' };

  test('sends no notification by default, and an invalid webhook does not stop it', async () => {
    const ran = await run(job({ ...review, SLACK_WEBHOOK_URL: 'not a URL' }), 'review', 'start');
    expect([ran.exit, ran.stderr.includes('Warning')]).toEqual([0, false]);
  });

  test('sends notifications about its start and its end if environments include it', async () => {
    await using server = await aHttpServer();
    configure('notify: [{type: slack, environments: [review/*]}]\n');
    const env = job({ ...review, ...slackOf(server) });
    await run(env, 'review', 'start');
    await run(env, 'review', 'stop');
    expect(titles(server)).toEqual([
      '✅ The review app of fix is up',
      '✅ The review app of fix was removed',
    ]);
  });
});

describe('a notification that cannot be delivered', () => {
  test('is a warning without its URL, and the deploy succeeds', async () => {
    await using server = await aHttpServer(({ path }) => ({ status: 404, body: `Cannot POST ${path}` }));
    const ran = await run(job(slackOf(server)), 'deploy');
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain(
      'Warning: the notification to Slack: it was not delivered: it answers with 404: Cannot POST [SLACK_WEBHOOK_URL]',
    );
    expect(server.received).toHaveLength(1);
  });

  test('shows no part of its URL, even if the server repeats it and the answer is cut off', async () => {
    for (const filler of [40, 80, 110, 130, 160, 190]) {
      await using server = await aHttpServer(({ path }) => ({
        status: 404,
        body: `${'no such hook '.repeat(20).slice(0, filler)} ${path}`,
      }));
      const ran = await run(job(slackOf(server)), 'deploy');
      expect(ran.stderr).toContain('it answers with 404: no such hook');
      for (const part of ['T0123', 'B0123', 'abcdef']) expect(ran.stderr).not.toContain(part);
    }
  });

  test('exits 1 with --strict', async () => {
    await using server = await aHttpServer(() => ({ status: 410 }));
    const ran = await run(job(slackOf(server)), 'deploy', '--strict');
    expect(ran.exit).toBe(1);
    const readReport = (name: string) => readFileSync(join(project.repository.folder, name), 'utf8');
    expect(JSON.parse(readReport('deploy.json'))).toMatchObject({ exitCode: 1, result: { kind: 'serving' } });
    expect(readReport('dokku-deploy.env')).toContain('DOKKU_DEPLOY_EXIT_CODE=1\n');
  });

  test('is retried once if the receiver is busy', async () => {
    await using server = await aHttpServer((_, count) => ({ status: count === 1 ? 503 : 200 }));
    const ran = await run(job(slackOf(server)), 'deploy');
    expect([ran.exit, server.received.length, ran.stderr.includes('Warning')]).toEqual([0, 2, false]);
  });

  test('does not keep other notifications from being delivered', async () => {
    await using broken = await aHttpServer(() => ({ status: 500 }));
    await using server = await aHttpServer();
    configure('notify: [{type: slack, url: $BROKEN}, {type: slack, url: $GOOD}]\n');
    const ran = await run(job({ BROKEN: `${broken.url}/hook`, GOOD: `${server.url}/hook` }), 'deploy');
    expect([ran.exit, broken.received.length, server.received.length]).toEqual([0, 2, 1]);
    expect(ran.stderr).toContain('it answers with 500');
  });

  test('because the mail server lacks the required TLS is a warning, and the login is not sent', async () => {
    await using host = await aMailHost({ disabledCommands: ['STARTTLS'] });
    const url = `smtp://me:${'pass-w0rd-in-clear'}@127.0.0.1:${host.port}?requireTLS=true`;
    const ran = await run(job({ SMTP_URL: url, NOTIFY_EMAIL: 'team@example.com' }), 'deploy');
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('the mail to team@example.com');
    expect(ran.stderr).toContain('the server does not support TLS (STARTTLS)');
    expect(`${ran.stdout}${ran.stderr}`).not.toContain('pass-w0rd-in-clear');
    expect(host.mails).toEqual([]);
  });
});

describe('a mistake in the configuration of notifications is reported without secrets', () => {
  test('before the host is contacted, if it is in the file: all mistakes at once, with the nearest names', async () => {
    configure('notify:\n  - {type: slak, url: $HOOK}\n  - {type: teams, urll: $HOOK}\n');
    const misspelt = await run(job({ HOOK: 's3cret-hook' }), 'deploy');
    expect([misspelt.exit, misspelt.stdout]).toEqual([2, '']);
    expect(misspelt.stderr).toContain('.dokku-deploy.yml:2:12: notify.0.type: "slak" is not known');
    expect(misspelt.stderr).toContain('Did you mean slack?');
    expect(misspelt.stderr).toContain('Did you mean url?');
  });

  test('after the deploy, as a warning, if it is in a variable', async () => {
    configure('notify:\n  - {type: slack, url: $HOOK}\n  - {type: mail, on: [failure]}\n');
    const env = job({ HOOK: 's3cret-hook', SMTP_URL: 's3cret-smtp', NOTIFY_EMAIL: 'me' });
    const wrong = await run(env, 'deploy');
    expect([wrong.exit, wrong.stdout]).toEqual([0, `http://shop.localhost:${project.sandbox.webPort}\n`]);
    for (const warning of [
      'Warning: the notification to Slack (notify.0): it was not delivered: .dokku-deploy.yml: notify.0.url: not an http',
      'Warning: the mail (notify.1): it was not delivered: SMTP_URL: not the URL of a mail server',
    ]) {
      expect(wrong.stderr).toContain(warning);
    }
    expect(wrong.stderr).not.toContain('s3cret');
    expect((await run(env, 'deploy', '--strict')).exit).toBe(1);
    const dry = await run(env, 'deploy', '--dry-run');
    expect(dry.stdout).toContain('the notification to Slack (notify.0) cannot be sent: ');
  });

  test('as a warning, if only one of the two mail variables is set', async () => {
    const ran = await run(job({ SMTP_URL: 'smtp://mail.example.com' }), 'deploy');
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('Warning: SMTP_URL: no mail is sent, since NOTIFY_EMAIL');
  });
});

test('a dry run lists the notifications that would be sent, and sends none', async () => {
  await using server = await aHttpServer();
  const env = job({ ...slackOf(server), SMTP_URL: 'smtp://mail.example.com', NOTIFY_EMAIL: 'a@example.com' });
  const ran = await run(env, 'deploy', '--dry-run');
  expect(ran.stdout).toContain('at the end: the notification to Slack, on success and failure');
  expect(ran.stdout).toContain('at the end: the mail to a@example.com');
  expect(server.received).toEqual([]);
});
