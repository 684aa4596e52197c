import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, stagesOf } from '../../../sandbox/host/stages.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';
import { pushTo } from '../../support/push.ts';
import { aRepository } from '../../support/repository.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost(['mongo']);
});

afterAll(() => host[Symbol.asyncDispose]());

/** Runs a command and returns the stages that it reached. */
const runThrough = async (line: string, input = ''): Promise<Stage[]> => {
  const reached: Stage[] = [];
  const { exit, err } = await host.run(line, input, (stage) => void reached.push(stage));
  expect([line, exit, err]).toEqual([line, 0, expect.any(String)]);
  return reached;
};

test('commands reach the stages that are listed for them', async () => {
  const lines = [
    'apps:create shop',
    'config:set --no-restart shop A=1',
    'mongo:create db',
    'mongo:link db shop --no-restart',
    'mongo:unlink db shop --no-restart',
    'mongo:destroy db --force',
    'git:set shop deploy-branch master',
    'config:export --format json shop',
    'apps:destroy shop --force',
  ];
  for (const line of lines) expect([line, await runThrough(line)]).toEqual([line, stagesOf(line)]);
});

test('a push and a rebuild reach the stages that are listed for them', async () => {
  using repository = aRepository();
  repository.commit({ 'index.html': 'x' });
  const reached: Stage[] = [];
  const reach = (stage: Stage): void => void reached.push(stage);
  await pushTo(host.machine, repository, { app: 'site', reach });
  expect(reached).toEqual(stagesOf("git-receive-pack 'site'"));
  expect(await runThrough('ps:rebuild site')).toEqual(stagesOf('ps:rebuild site'));
});

test.each<[Stage, string | undefined]>([
  ['build', 'old'],
  ['check', 'old'],
  ['switch', 'old'],
  ['postdeploy', 'new'],
])('a push that fails at %s leaves the %s version running', async (stage, running) => {
  using repository = aRepository();
  const app = `at-${stage}`;
  repository.commit({ 'index.html': 'old' });
  await pushTo(host.machine, repository, { app });
  repository.commit({ 'index.html': 'new' });
  const { StoppedCommand } = await import('../../../sandbox/host/stages.ts');
  const reach = (at: Stage): void => {
    if (at === stage) throw new StoppedCommand(1, ' !     out of order\n');
  };
  const { accepted, output } = await pushTo(host.machine, repository, { app, reach });
  const port = host.machine.state.apps.get(app)?.web?.port;
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect([accepted, output.includes('out of order'), await page.text()]).toEqual([false, true, running]);
});
