import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

// Redis starts fastest, and all plugins share one table of messages.
let host: DokkuHost;

beforeEach(async () => {
  host = await aDokkuHost(['redis', 'mongo']);
});

afterEach(() => host[Symbol.asyncDispose]());

const url = (name: string): string => `redis://:pw@dokku-redis-${name}:6379`;

const create = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) {
    const result = await host.run(`redis:create ${name} --password pw`);
    expect(result.exit).toBe(0);
    expect(result.err, 'these tests need redis-server: apt-get install redis-server').not.toContain(
      'found no program',
    );
  }
};

const refused = (text: string, exit = 1) => ({ exit, out: '', err: ` !     ${text}\n` });
const done = (out: string) => ({ exit: 0, out, err: '' });

describe('creating and finding services', () => {
  test('create prints the service’s information, and list shows the service', async () => {
    const result = await host.run('redis:create s-rd');
    const id = /Id: +([0-9a-f]{64})/.exec(result.out)?.[1];
    const password = /redis:\/\/:([0-9a-f]{64})@/.exec(result.out)?.[1];
    const row = (name: string, value: string) => `       ${`${name}:`.padEnd(20)} ${value.padEnd(25)}\n`;
    expect(result).toEqual(
      done(
        [
          '       Waiting for container to be ready\n',
          '=====> Redis container created: s-rd\n',
          '=====> s-rd redis service information\n',
          row('Config dir', '/var/lib/dokku/services/redis/s-rd/config'),
          row('Config options', ''),
          row('Data dir', '/var/lib/dokku/services/redis/s-rd/data'),
          row('Dsn', `redis://:${password}@dokku-redis-s-rd:6379`),
          row('Exposed ports', '-'),
          row('Id', `${id}`),
          row('Internal ip', '172.17.0.2'),
          row('Initial network', ''),
          row('Links', '-'),
          row('Post create network', ''),
          row('Post start network', ''),
          row('Service root', '/var/lib/dokku/services/redis/s-rd'),
          row('Status', 'running'),
          row('Version', 'redis:8.8.0'),
        ].join(''),
      ),
    );
    expect(await host.run('redis:list --format json')).toEqual(done('=====> Redis services\ns-rd\n'));
    expect(await host.run('redis:exists s-rd')).toEqual(done('-----> Service s-rd exists\n'));
    expect(await host.run('redis:create s-rd')).toEqual(refused('Redis service s-rd already exists'));
  });

  test.each(['redis:create', 'redis:create bad.name', 'redis:create has/slash', 'redis:create ../up'])(
    '%s is refused for its name',
    async (line) => {
      const rule = 'Please specify a valid name for the service. Valid characters are: [A-Za-z0-9_]+';
      expect(await host.run(line)).toEqual(refused(rule));
    },
  );

  test('a name of 52 characters works, and one of 53 leaves an incomplete service', async () => {
    expect((await host.run(`redis:create ${'a'.repeat(52)}`)).exit).toBe(0);
    const long = 'b'.repeat(53);
    const result = await host.run(`redis:create ${long}`);
    expect(result.exit).toBe(1);
    expect(result.out).toContain('sethostname: invalid argument');
    expect(await host.run(`redis:exists ${long}`)).toEqual(done(`-----> Service ${long} exists\n`));
    expect((await host.run(`redis:destroy ${long} --force`)).out).toContain('       Removing container\n');
    expect((await host.run(`redis:exists ${long}`)).exit).toBe(1);
  });

  test('a name that is too long for a folder leaves nothing', async () => {
    const long = 'c'.repeat(256);
    expect((await host.run(`redis:create ${long}`)).err).toContain(
      ' !     Unable to create service directory\n',
    );
    expect((await host.run(`redis:exists ${long}`)).exit).toBe(1);
  });

  test('an unknown flag is misread, so that create fails and leaves the name taken', async () => {
    const result = await host.run('redis:create s-5 --nosuch-flag x');
    expect(result.exit).toBe(125);
    expect(result.out).toMatch(
      /^invalid argument "uch-flag" for "--shm-size" flag: invalid size: 'uch-flag'\n/,
    );
    expect(result.err).toBe(
      [
        '/var/lib/dokku/plugins/enabled/redis/subcommands/create: illegal option -- -\n',
        '/var/lib/dokku/plugins/enabled/redis/subcommands/create: illegal option -- o\n',
      ].join(''),
    );
    expect(await host.run('redis:destroy s-5 --force')).toEqual({
      exit: 0,
      out: '=====> Deleting s-5\n       Removing data\n=====> Redis container deleted: s-5\n',
      err: ' !     Service is already paused\n',
    });
  });

  test('an image from an unreachable registry creates nothing', async () => {
    const result = await host.run('redis:create s-6 --image nosuch.invalid/img --image-version 1');
    expect(result.err).toMatch(/no such host\n ! {5}Redis image nosuch\.invalid\/img:1 pull failed\n$/);
    expect(await host.run('redis:exists s-6')).toEqual(refused('Redis service s-6 does not exist'));
  });

  test('a service without a program on this machine has a URL and a warning that nothing answers', async () => {
    const result = await host.run('mongo:create m');
    expect(result.exit).toBe(0);
    expect(result.err).toBe(
      ' !     The sandbox found no program that serves MongoDB here: m has a URL, and nothing answers at it\n',
    );
    expect((await host.run('mongo:info m --dsn')).out).toMatch(
      /^mongodb:\/\/m:[0-9a-f]{32}@dokku-mongo-m:27017\/m\n$/,
    );
  });

  test('a command of a plugin that isn’t installed is refused', async () => {
    expect((await host.run('mysql:create x')).err).toBe(
      ' !     `mysql:create x` is not a dokku command.\n !     See `dokku help` for a list of available commands.\n',
    );
  });

  test('info prints one value by its flag, and lists the valid flags for another', async () => {
    await create('a');
    expect(await host.run('redis:info a --status')).toEqual(done('running\n'));
    expect(await host.run('redis:info a --format json')).toEqual(
      refused(
        'Invalid flag passed, valid flags: --config-dir --config-options --data-dir --dsn --exposed-ports --id --internal-ip --initial-network --links --post-create-network --post-start-network --service-root --status --version',
      ),
    );
  });
});

describe('linking', () => {
  beforeEach(async () => {
    await host.run('apps:create app');
    await create('one');
  });

  const config = async () => JSON.parse((await host.run('config:export --format json app')).out);

  test('the first link sets the plugin’s variable, and linking again is refused', async () => {
    expect(await host.run('redis:link one app')).toEqual(
      done(`-----> Setting config vars\n       REDIS_URL:  ${url('one')}\n`),
    );
    expect(await host.run('redis:link one app --alias CACHE')).toEqual(
      refused('Already linked as REDIS_URL'),
    );
    expect(await host.run('redis:linked one app')).toEqual(done('-----> Service one is linked to app\n'));
    expect(await host.run('redis:links one')).toEqual(done('app\n'));
    expect(await host.run('redis:app-links app')).toEqual(done('one\n'));
    expect(await host.run('redis:info one --links')).toEqual(done('app \n'));
    expect(await host.run('redis:unlink one app --no-restart')).toEqual(
      done('-----> Unsetting REDIS_URL\n       Skipping restart of linked app\n'),
    );
    expect(await config()).toEqual({});
  });

  test('a second service is linked under a colour name, and promote swaps the two', async () => {
    await create('two');
    await host.run('redis:link one app');
    await host.run('redis:link two app');
    expect(await config()).toEqual({ REDIS_URL: url('one'), DOKKU_REDIS_AQUA_URL: url('two') });
    expect(await host.run('redis:promote two app')).toEqual(
      done(
        `-----> Setting config vars\n       DOKKU_REDIS_BLACK_URL:  ${url('one')}\n       REDIS_URL:              ${url('two')}\n`,
      ),
    );
    expect(await host.run('redis:promote two app')).toEqual(
      refused('Service two already promoted as REDIS_URL'),
    );
    expect(await host.run('redis:unlink two app')).toEqual(
      done('-----> Unsetting DOKKU_REDIS_AQUA_URL\n-----> Unsetting REDIS_URL\n'),
    );
  });

  test('a lower-case alias and a query string work if the flags come last', async () => {
    expect(await host.run('redis:link one app --alias cache_url --querystring ?pool=5 --no-restart')).toEqual(
      done(
        `-----> Setting config vars\n       CACHE_URL:  ${url('one')}?pool=5\n       Skipping restart of linked app\n`,
      ),
    );
  });

  test('flags before the names are read as names', async () => {
    expect(await host.run('redis:link --no-restart --alias X one app')).toEqual({
      exit: 20,
      out: '',
      err: [
        'Usage of /var/lib/dokku/core-plugins/available/common/common:\n',
        '      --global   --global: Whether global or app-specific\n',
        '      --quiet    --quiet: set DOKKU_QUIET_OUTPUT=1\n',
        'unknown flag: --alias\n',
        ' !     App --alias does not exist\n',
      ].join(''),
    });
    expect(await host.run('redis:unlink --no-restart one app')).toEqual(
      refused('Redis service --no-restart does not exist'),
    );
    expect(await host.run('redis:destroy --force one')).toEqual(
      refused('Redis service --force does not exist'),
    );
  });

  test.each([
    ['redis:link one none', 'App none does not exist', 20],
    ['redis:link none app', 'Redis service none does not exist', 1],
    ['redis:link one', 'Please specify an app to run the command on', 1],
    ['redis:link', 'Please specify a valid name for the service', 1],
    ['redis:linked one app', 'Service one is not linked to app', 1],
    ['redis:unlink one app', 'Not linked to app app', 1],
    ['redis:promote one app', 'Not linked to app app', 1],
    ['redis:enter', 'SERVICE must not be empty', 1],
    ['redis:backup-schedule-cat one', 'There is no scheduled backup for one.', 1],
    ['redis:clone one one', 'Invalid service name one. Verify the service name is not already in use.', 1],
  ])('%s is refused: %s', async (line, text, exit) => {
    expect(await host.run(line)).toEqual(refused(text, exit));
  });

  test('after the scheme has changed, unlink removes the link but keeps the variable', async () => {
    await host.run('redis:link one app');
    await host.run('config:set --no-restart app REDIS_DATABASE_SCHEME=rediss');
    expect(await host.run('redis:unlink one app')).toEqual(refused('Not linked to app app'));
    expect(await host.run('redis:links one')).toEqual(done(''));
    expect((await config()).REDIS_URL).toBe(url('one'));
    await host.run('redis:link one app');
    expect((await config()).DOKKU_REDIS_AQUA_URL).toBe(url('one').replace('redis:', 'rediss:'));
  });

  test('a link restarts a deployed app, and with --no-restart it doesn’t', async () => {
    const app = host.machine.state.apps.get('app');
    if (app) app.deployed = true;
    expect((await host.run('redis:link one app --no-restart')).out).toMatch(
      /Skipping restart of linked app\n$/,
    );
    expect((await host.run('redis:unlink one app')).out).toMatch(
      /^-----> Unsetting REDIS_URL\n-----> Restarting app app\n/,
    );
  });

  test('two concurrent links of one app lose one', async () => {
    await create('two');
    const result = await Promise.all([
      host.run('redis:link one app'),
      host.run('redis:link two app --alias TWO'),
    ]);
    expect(result.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(Object.keys(await config())).toHaveLength(1);
  });

  test('a linked service can’t be destroyed, even with --force, until the app is destroyed', async () => {
    await host.run('redis:link one app');
    expect(await host.run('redis:destroy one')).toEqual(refused('Cannot delete linked service'));
    expect(await host.run('redis:destroy one --force')).toEqual(refused('Cannot delete linked service'));
    await host.run('--force apps:destroy app');
    expect(await host.run('redis:links one')).toEqual(done(''));
    expect((await host.run('redis:destroy one --force')).exit).toBe(0);
  });
});

describe('the lifecycle of a service', () => {
  beforeEach(() => create('one'));

  test('it keeps its data when it is paused, started, stopped and recreated', async () => {
    await host.run('redis:connect one', 'SET key kept\n');
    expect(await host.run('redis:pause one')).toEqual(
      done('=====> Pausing container\n       Container paused\n'),
    );
    expect(await host.run('redis:info one --status')).toEqual(done('exited\n'));
    expect(await host.run('redis:start one')).toEqual(
      done('=====> Starting container\n=====> Container started\n'),
    );
    expect((await host.run('redis:start one')).err).toBe(' !     Service is already started\n');
    expect((await host.run('redis:stop one')).out).toMatch(/Removing container\n$/);
    expect(await host.run('redis:info one --status')).toEqual(done('missing\n'));
    expect((await host.run('redis:start one')).out).toContain('=====> Redis container created: one\n');
    expect((await host.run('redis:connect one', 'GET key\n')).out).toBe('kept\n');
  });

  test('destroy asks for the name', async () => {
    const warning = [
      ' !     WARNING: Potentially Destructive Action\n',
      ' !     This command will destroy one Redis service.\n',
      ' !     To proceed, type "one"\n',
    ].join('');
    expect(await host.run('redis:destroy one')).toEqual({ exit: 1, out: '\n', err: warning });
    expect(await host.run('redis:destroy one', 'nope\n')).toEqual({
      exit: 1,
      out: '\n',
      err: `${warning} !     Confirmation did not match one. Aborted.\n`,
    });
    expect(await host.run('redis:destroy one', 'one\n')).toEqual({
      exit: 0,
      out: [
        '\n=====> Deleting one\n=====> Pausing container\n       Container paused\n       Removing container\n',
        '       Removing data\n=====> Redis container deleted: one\n',
      ].join(''),
      err: warning,
    });
  });

  test('expose stores and reports the port', async () => {
    expect(await host.run('redis:expose one 16379')).toEqual(
      done('-----> Service one exposed on port(s) [container->host]: 6379->16379 \n'),
    );
    expect(await host.run('redis:info one --exposed-ports')).toEqual(done('6379->16379 \n'));
    expect(await host.run('redis:expose one 1')).toEqual(
      refused('Service one already exposed on port(s) 16379'),
    );
    expect(await host.run('redis:unexpose one')).toEqual(done('-----> Service one unexposed\n'));
  });

  test('data can be exported, imported and cloned', async () => {
    await host.run('redis:connect one', 'SET key value\n');
    const dump = await host.bytes('redis:export one');
    expect(dump.subarray(0, 5).toString()).toBe('REDIS');
    await create('two');
    expect((await host.run('redis:import two', dump)).exit).toBe(0);
    expect((await host.run('redis:connect two', 'GET key\n')).out).toBe('value\n');
    const cloned = await host.run('redis:clone one three');
    expect(cloned.out).toMatch(/^=====> Cloning one to three @ redis:8\.8\.0\n[\s\S]*=====> Done\n$/);
    expect((await host.run('redis:connect three', 'GET key\n')).out).toBe('value\n');
  });

  test('enter runs a command in the data folder', async () => {
    expect(await host.run('redis:enter one echo hi')).toEqual(
      done('-----> Filesystem changes may not persist after container restarts\nhi\n'),
    );
  });
});

describe('help', () => {
  test('the plugin’s name alone lists all commands with their purpose', async () => {
    const { exit, out } = await host.run('redis');
    expect(exit).toBe(0);
    expect(out).toContain('\n    redis:promote <service> <app> ');
    expect(out).toContain('promote service <service> as REDIS_URL in <app>\n');
    expect(await host.run('redis:help')).toEqual({ exit, out, err: '' });
  });

  test('the help of one command has its usage and purpose', async () => {
    expect(await host.run('redis:help exists')).toEqual(
      done('usage: dokku redis:exists <service>\n\ncheck if the Redis service exists\n\n'),
    );
  });
});
