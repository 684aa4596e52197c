import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aHttpServer } from '../support/http.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { aMailHost, smtpLogin } from '../support/smtp.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox();
  repository = aRepository('main');
  repository.commit({ 'index.html': 'hello' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const deploy = (env: Record<string, string>) =>
  startProgram(sourceCommand('deploy', 'production', '--app', 'shop'), {
    cwd: repository.folder,
    env: { ...sandbox.env, ...env },
  });

test('a webhook that hangs delays the run by ten seconds and is reported as a warning', async () => {
  await using server = await aHttpServer(() => 'hang');
  await deploy({}).result;
  const startedAt = performance.now();
  const { exit, output } = await deploy({ SLACK_WEBHOOK_URL: `${server.url}/services/secret-of-the-hook` })
    .result;
  const took = performance.now() - startedAt;
  expect(exit, output).toBe(0);
  expect(output).toContain('the notification to Slack: it was not delivered: no answer within 10 s');
  expect(output).not.toContain('secret-of-the-hook');
  expect(server.received).toHaveLength(1);
  expect([took > 9_900, took < 16_000]).toEqual([true, true]);
});

test('a GitLab that hangs delays the run, and the review app is deployed anyway', async () => {
  await using server = await aHttpServer(() => 'hang');
  const env = {
    GITLAB_CI: 'true',
    GITLAB_TOKEN: 'glpat-t0ken-0f-the-r0b0t',
    CI_API_V4_URL: `${server.url}/api/v4`,
    CI_PROJECT_ID: '42',
    CI_COMMIT_REF_NAME: 'hanging',
    CI_MERGE_REQUEST_IID: '1',
  };
  const startedAt = performance.now();
  const program = startProgram(sourceCommand('review', 'start'), {
    cwd: repository.folder,
    env: { ...sandbox.env, ...env },
  });
  const { exit, output } = await program.result;
  const took = performance.now() - startedAt;
  expect(exit, output).toBe(0);
  expect(output).toContain('the merge request note: it was not delivered: ');
  expect(output).not.toContain(env.GITLAB_TOKEN);
  expect(took).toBeLessThan(18_000);
});

test('a mail server with a certificate from a private CA is trusted with NODE_EXTRA_CA_CERTS', async () => {
  await using host = await aMailHost();
  const login = `${encodeURIComponent(smtpLogin.user)}:${encodeURIComponent(smtpLogin.password)}`;
  const env = { SMTP_URL: `smtp://${login}@localhost:${host.port}`, NOTIFY_EMAIL: 'team@example.com' };
  const trusting = await deploy({ ...env, NODE_EXTRA_CA_CERTS: host.certificate }).result;
  expect(host.mails, trusting.output).toMatchObject([{ secure: true, user: smtpLogin.user }]);
});

test('with NODE_USE_ENV_PROXY=1, a webhook is called through the proxy', async () => {
  await using proxy = await aHttpServer();
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url };
  const { exit, output } = await deploy({ ...env, SLACK_WEBHOOK_URL: 'http://chat.example.com/hooks/abc' })
    .result;
  expect([exit, output.includes('Warning')], output).toEqual([0, false]);
  expect(proxy.received.map(({ path }) => path)).toEqual(['http://chat.example.com/hooks/abc']);
});

test('a job that is cancelled during a notification ends at once', async () => {
  await using server = await aHttpServer(() => 'hang');
  const program = deploy({ SLACK_WEBHOOK_URL: `${server.url}/services/secret-of-the-hook` });
  while (server.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const startedAt = performance.now();
  program.child.kill('SIGTERM');
  const { exit, output } = await program.result;
  expect(exit, output).toBe(0);
  expect(output).toContain('the run was stopped');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
