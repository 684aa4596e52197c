import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterAll(() => host[Symbol.asyncDispose]());

const missing = ' !     App none does not exist\n';
const unnamed = ' !     Please specify an app to run the command on\n';

describe('a command on a missing app exits with 20', () => {
  const commands =
    'builds:list builds:cancel certs:report checks:disable checks:report cron:list docker-options:report domains:report enter git:report git:set git:from-archive git:from-image git:load-image git:sync git:initialize logs logs:failed network:report nginx:report ports:list ports:report proxy:report ps:report ps:scale ps:restart ps:start ps:stop registry:report registry:set resource:limit resource:report run scheduler:report storage:list storage:report urls';
  test.each(commands.split(' '))('%s', async (command) => {
    const { exit, out, err } = await host.run(`${command} none x y z`);
    expect([exit, out + err]).toEqual([20, missing]);
  });
});

describe('a command without an app fails and asks for one', () => {
  test.each('ps:scale ps:restart builds:cancel git:set run logs storage:list resource:limit'.split(' '))(
    '%s',
    async (command) => {
      const { exit, err } = await host.run(command);
      expect([exit, err]).toEqual([1, unnamed]);
    },
  );
});

// The messages are from Dokku's source where no recording has them.
describe('a misused command fails with Dokku’s message', () => {
  test.each([
    ['checks:set shop nosuch 1', 'Invalid key specified, valid keys include: wait-to-retire'],
    ['checks:set shop', 'No key specified'],
    ['scheduler:set shop', 'No property specified'],
    ['ps:set --global start-cmd x', 'Property cannot be specified globally'],
    ['ps:set shop restart-policy sometimes', 'Invalid restart-policy specified'],
    ['ps:scale shop web', 'Missing count for process type web'],
    ['ps:scale shop web=many', 'Invalid count for process type web'],
    ['ports:set shop', 'No port mapping specified'],
    ['ports:set shop http:80', 'Invalid port map http:80 [len=2]'],
    ['ports:set shop http:80:0', 'Invalid port map http:80:0 [containerPort=0]'],
    [
      'ports:set shop http:80:1 http:80:2',
      'Error validating port mappings: The same scheme:host-port is being reused: http:80',
    ],
    [
      'storage:mount shop data',
      'storage entry "data" does not exist; create it first with `dokku storage:create`',
    ],
    ['storage:mount shop /data:app', 'Storage path must be two valid paths divided by colon.'],
    ['storage:unmount shop /data:/app', 'Mount path does not exist.'],
    ['storage:create x --chown nobody', 'Unsupported chown permissions'],
    [
      'storage:create a_b',
      'storage entry name "a_b" must be a DNS-1123 label (lowercase letters, digits, and dashes; cannot start or end with a dash)',
    ],
    ['network:exists', 'No network name specified'],
    ['network:exists nosuch', 'Network does not exist'],
    ['network:info nosuch', 'Network does not exist'],
    ['logs shop', 'App shop has not been deployed'],
    [
      'builds:list shop --status done',
      'Invalid --status value "done" (allowed: running, succeeded, failed, canceled, abandoned)',
    ],
    ['builds:info shop nosuch', 'No build record found for shop/nosuch'],
    ['docker-options:add shop deploy', 'Please specify docker options to add to the phase'],
    ['certs:show shop nothing', "specify either 'key' or 'crt'"],
    ['git:sync shop', 'Missing GIT_REMOTE parameter'],
    ['git:from-archive shop', 'Please specify an archive url or -- to fetch the archive from stdin'],
    ['ps:report shop --nosuch', 'Invalid flag passed, valid flags: --deployed, --processes, --ps-can-scale'],
  ])('%s', async (line, words) => {
    const { exit, err } = await host.run(line);
    expect([exit, err.startsWith(` !     ${words}`)]).toEqual([1, true]);
  });
});

describe('a report shows the value that was set', () => {
  const sequences: readonly (readonly [lines: readonly string[], report: string, row: string])[] = [
    [['resource:limit --memory 512m shop'], 'resource:limit shop', '       memory: 512m\n'],
    [
      ['resource:reserve --cpu 2 --process-type web shop'],
      'resource:report shop',
      '       resource web reserve cpu:        2\n',
    ],
    [
      ['checks:disable shop web', 'checks:skip shop worker'],
      'checks:report shop --checks-disabled-list',
      'web\n',
    ],
    [['checks:enable shop'], 'checks:report shop --checks-skipped-list', 'none\n'],
    [['storage:mount shop /data:/app:ro'], 'storage:list shop', '       /data:/app:ro\n'],
    [
      ['storage:mount shop /logs:/logs'],
      'storage:report shop --storage-run-mounts',
      // In the order of their entries' names, which are hashes of the paths.
      '-v /logs:/logs -v /data:/app:ro\n',
    ],
    [
      ['network:create inner', 'network:set shop attach-post-create inner'],
      'network:report shop --network-attach-post-create',
      'inner\n',
    ],
    [['network:destroy inner --force'], 'network:list', '=====> Networks\nbridge\nhost\nnone\n'],
    [
      ['ports:set shop http:80:5000 https:443:5000'],
      'ports:report shop --ports-map',
      'http:80:5000 https:443:5000\n',
    ],
    [['ports:remove shop 443'], 'ports:list shop', '    http           80         5000\n'],
    [
      ['ps:scale shop web=2 worker=1'],
      'ps:scale shop --format json',
      '[{"process_type":"web","quantity":2},{"process_type":"worker","quantity":1}]\n',
    ],
    [
      ['nginx:set --global client-max-body-size 9m'],
      'nginx:report shop --nginx-computed-client-max-body-size',
      '9m\n',
    ],
    [['git:set shop deploy-branch main'], 'git:report shop --git-computed-deploy-branch', 'main\n'],
    [
      ['registry:set shop server registry.example'],
      'registry:report shop --registry-computed-server',
      'registry.example\n',
    ],
    [['domains:set shop a.example.com b.example.com'], 'urls shop', 'http://b.example.com\n'],
  ];
  test.each(sequences)('%s', async (lines, report, row) => {
    for (const line of lines) expect((await host.run(line)).exit).toBe(0);
    const { exit, out } = await host.run(report);
    expect([exit, out.includes(row)]).toEqual([0, true]);
  });
});

test.each(['apps:nosuch', 'nosuch', 'ps:nosuch shop', 'letsencrypt:renew shop', 'GIT:report shop'])(
  '%s is refused as an unknown command',
  async (line) => {
    const { exit, err } = await host.run(line);
    expect([exit, err]).toEqual([
      1,
      ` !     \`${line}\` is not a dokku command.\n !     See \`dokku help\` for a list of available commands.\n`,
    ]);
  },
);
