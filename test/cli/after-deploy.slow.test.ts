import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const server = `
  console.log('listening as ' + process.env.GREETING);
  require('http').createServer((request, answer) => {
    answer.statusCode = request.url === '/health' ? 200 : 404;
    answer.end('version ' + process.env.GREETING);
  }).listen(process.env.PORT, '127.0.0.1');
`;

/** Deploys a program with these files and this configuration, as a job of GitLab. */
const deploy = async (app: string, yml: string, files: Readonly<Record<string, string>> = {}) => {
  using project = aRepository();
  project.commit({
    Procfile: 'web: node server.js\n',
    'package.json': '{"name":"x","version":"1.0.0"}\n',
    'server.js': server,
    '.dokku-deploy.yml': `env: {GREETING: v42}\n${yml}`,
    ...files,
  });
  return await runProgram({
    argv: ['deploy', 'staging', '--app', app],
    cwd: project.folder,
    env: { ...sandbox.env, GITLAB_CI: 'true', CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'main' },
  });
};

describe('the probe after a deploy', () => {
  test('passes if the page answers with the text', async () => {
    const ran = await deploy('fine', 'probe: {path: /health, status: 200, text: version v42}\n');
    expect(ran.exit, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('it answers 200');
  });

  test('fails the job with exit 5 otherwise, with the app’s log in a folded section', async () => {
    const ran = await deploy('wrong', 'probe: {path: /missing, within: 1s}\n');
    expect(ran.exit, ran.stderr).toBe(5);
    expect(ran.stderr).toMatch(/after 1 s, http:\/\/wrong\.localhost:\d+\/missing still answers 404\./);
    expect(ran.stderr).toMatch(
      /section_start:\d+:log\[collapsed=true\]\r[^\n]*The last lines of the log of wrong[^\n]*\n {4}listening as v42\n/,
    );
  });

  test('connects to the host itself while the name of the app is not in DNS', async () => {
    const port = String(sandbox.webPort);
    const ran = await deploy('nodns', `probe: {path: /health, connect: '127.0.0.1:${port}', within: 2s}\n`);
    expect(ran.exit, ran.stderr).toBe(0);
  });
});

describe('the scripts of a deploy', () => {
  const scripts = (predeploy: string) => ({
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy, postdeploy: 'echo tidied' } } }),
  });

  test('are sections of the log, each with its duration and outcome', async () => {
    const { exit, stderr } = await deploy('scripted', '', scripts('echo migrated'));
    expect(exit, stderr).toBe(0);
    const section = (name: string, printed: string) =>
      new RegExp(
        `section_start:\\d+:deploy-${name}\\r[\\s\\S]*${printed}[\\s\\S]*${name}: [^\\n]*done[^\\n]* in \\d+\\.\\d s\\n[^\\n]*section_end:\\d+:deploy-${name}\\r`,
      );
    expect(stderr).toMatch(section('predeploy', 'migrated'));
    expect(stderr).toMatch(section('postdeploy', 'tidied'));
  });

  test('are reported as failed, with the reason in the section', async () => {
    const { exit, stderr } = await deploy('broken', '', scripts('echo no such table; exit 3'));
    expect(exit).toBe(4);
    expect(stderr).toMatch(
      /no such table[\s\S]*Execution of predeploy task failed[\s\S]*predeploy: [^\n]*FAILED/,
    );
  });
});
