import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shopRules } from '../support/gate.ts';
import {
  aClientKey,
  aGate,
  aGateClient,
  type GateClient,
  type RunningGate,
} from '../support/running-gate.ts';

let gate: RunningGate;
let client: GateClient;

beforeAll(async () => {
  gate = await aGate(shopRules, { services: [] });
  const { sandbox } = gate;
  using admin = await aGateClient(gate, await gate.gitlab.sign(production));
  await admin.exec('apps:create shop');
  client = await aGateClient(gate, await gate.gitlab.sign());
  sandbox.journal.commands.length = 0;
});

afterAll(async () => {
  client[Symbol.dispose]();
  await gate[Symbol.asyncDispose]();
});

const production = {
  ref: 'main',
  ref_path: 'refs/heads/main',
  ref_protected: 'true',
  environment: 'production',
};

const attempts = [
  'config:show my-branch',
  'config:export --format json shop',
  'config:get shop DATABASE_URL',
  'apps:destroy shop --force',
  'apps:destroy my-branch-2 --force',
  'apps:rename shop mine',
  'apps:clone shop my-branch',
  'plugin:list',
  'plugin:install https://example.com/evil.git',
  'ssh-keys:add me',
  'run my-branch cat /etc/passwd',
  'enter my-branch web sh',
  'storage:mount my-branch /:/host',
  'docker-options:add my-branch deploy --privileged',
  'domains:add my-branch shop.example.com',
  'git:sync --build my-branch /home/dokku/shop 0123456789012345678901234567890123456789',
  'git:from-image my-branch dokku/shop:latest',
  'git:load-image my-branch dokku/shop:latest',
  'mysql:info shop-database',
  'mysql:destroy shop-database --force',
  'mysql:export my-branch-database',
  "git-receive-pack 'shop'",
  "git-upload-pack 'shop'",
  "git-upload-pack 'my-branch'",
  "git-upload-archive 'shop'",
  "git-receive-pack '../shop.git'",
  'apps:exists my-branch; apps:destroy shop --force',
  'apps:exists my-branch && apps:destroy shop --force',
  'apps:exists my-branch\napps:destroy shop --force',
  'apps:exists my-branch\0apps:destroy shop --force',
  'apps:exists $(apps:destroy shop --force)',
  'apps:exists `reboot`',
  'apps:exists my-branch | sh',
  'apps:exists my-branch > /etc/passwd',
  'apps:exists "my-branch"',
  "apps:exists my-branch 'shop'",
  "apps:exists 'my-branch",
  'apps:exists my\\-branch',
  '--app shop config:export --format json my-branch',
  '--trace apps:exists my-branch',
  'apps:exists my-branch --help',
  'sh -c reboot',
  'scp -t /tmp',
  'internal-sftp',
  '',
] as const;

describe('an attempt', () => {
  test.each(attempts)('with %j is refused by the gate and never reaches the host', async (line) => {
    const before = gate.sandbox.journal.commands.length;
    const { exit, stdout, stderr } = await client.exec(line);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toMatch(/^dokku-deploy gate: refused: .+\n$/);
    expect(gate.sandbox.journal.commands.length).toBe(before);
  });

  test('with a command of one megabyte ends the session, and never reaches the host', async () => {
    const before = gate.sandbox.journal.commands.length;
    using other = await aGateClient(gate, await gate.gitlab.sign({ jti: 'large' }));
    const line = `apps:exists ${'a'.repeat(1_000_000)}`;
    const result = await Promise.race([
      other.exec(line).then(
        ({ exit }) => exit ?? 'closed',
        () => 'closed',
      ),
      once(other.client, 'close').then(() => 'closed'),
    ]);
    expect([1, 'closed']).toContain(result);
    expect(gate.sandbox.journal.commands.length).toBe(before);
  });

  test('at a shell, a subsystem or forwarding is refused, and audited', async () => {
    const refused = (start: (done: (error?: Error) => void) => unknown) =>
      new Promise<boolean>((resolve) => void start((error) => resolve(error !== undefined)));
    const results = [
      await refused((done) => client.client.shell(false, done)),
      await refused((done) => client.client.subsys('netconf', done)),
      await refused((done) => client.client.sftp(done)),
      await refused((done) => client.client.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done)),
      await refused((done) => client.client.forwardIn('127.0.0.1', 0, done)),
      await refused((done) => client.client.openssh_forwardOutStreamLocal('/var/run/docker.sock', done)),
    ];
    expect(results).toEqual(Array(6).fill(true));
    const reasons = gate.audit().flatMap(({ event, reason }) => (event === 'refused' ? [reason] : []));
    for (const what of ['a shell', 'a subsystem', 'sftp', 'forwarding', 'the request tcpip-forward'])
      expect(reasons).toContain(`${what} is not allowed`);
  });

  test('to log in without a token, or with one of another GitLab, is refused and audited', async () => {
    await expect(aGateClient(gate, 'secret')).rejects.toThrow();
    await expect(aGateClient(gate, await gate.gitlab.sign({ aud: 'vault' }))).rejects.toThrow();
    const entry = await gate.audited(
      ({ event, reason }) => event === 'login-refused' && /"aud"/.test(reason ?? ''),
    );
    expect(entry.reason).toBe('unexpected "aud" claim value');
  });

  test('to use the token of a job from another session is refused', async () => {
    const token = await gate.gitlab.sign({ jti: 'stolen' });
    const key = aClientKey();
    using own = await aGateClient(gate, token, key);
    using again = await aGateClient(gate, token, key);
    expect((await own.exec('apps:exists my-branch')).exit).toBe(
      (await again.exec('apps:exists my-branch')).exit,
    );
    await expect(aGateClient(gate, token, aClientKey())).rejects.toThrow();
    await expect(aGateClient(gate, token)).rejects.toThrow();
  });

  test('at a review app of the name of an app that someone else made is refused', async () => {
    using other = await aGateClient(
      gate,
      await gate.gitlab.sign({ project_id: '42', ref: 'taken', ref_path: 'refs/heads/taken' }),
    );
    expect((await other.exec('apps:create taken')).exit).toBe(0);
    expect(
      (await other.exec('--quiet config:import --format json --no-restart taken -', '{"SECRET":"x"}')).exit,
    ).toBe(0);
    for (const line of [
      'config:export --format json taken',
      'apps:destroy taken --force',
      "git-receive-pack 'taken'",
      'mysql:create taken-database',
    ]) {
      const before = gate.sandbox.journal.commands.length;
      const { exit, stdout, stderr } = await other.exec(line);
      expect([exit, stdout]).toEqual([1, '']);
      expect(stderr).toContain('taken is not an app of this job: it has no mark of a review app');
      const sent = gate.sandbox.journal.commands.slice(before).map((entry) => entry.line);
      expect(sent.filter((one) => one !== 'config:export --format json taken')).toEqual([]);
    }
  });

  test('to see the apps of others shows the job’s own only', async () => {
    using other = await aGateClient(gate, await gate.gitlab.sign({ ...production, jti: 'list' }));
    expect((await other.exec('--quiet apps:list')).stdout).toBe('shop\n');
    expect((await client.exec('--quiet apps:list')).stdout).toBe('');
  });

  test('to send the input of a command that reads none is dropped', async () => {
    expect((await client.exec('apps:exists my-branch', 'x'.repeat(300_000))).exit).toBe(20);
  });

  test('without a login ends after the greeting', async () => {
    const socket = connect(gate.port, '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.toString()).toMatch(/^SSH-2\.0-dokku-deploy-gate\r\n/);
    socket.destroy();
  });
});
