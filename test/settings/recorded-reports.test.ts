import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { builder } from '../../src/settings/builder.ts';
import { buildpacks } from '../../src/settings/buildpacks.ts';
import { dockerOptions } from '../../src/settings/docker-options.ts';
import { network } from '../../src/settings/network.ts';
import { ports } from '../../src/settings/ports.ts';
import { registry } from '../../src/settings/registry.ts';
import { resources } from '../../src/settings/resources.ts';
import { scheduler } from '../../src/settings/scheduler.ts';
import { storage } from '../../src/settings/storage.ts';
import { recordedAnswer } from '../support/recorded-answer.ts';

const known = { isRecorded: false, isDeployed: true, wasDeclared: () => false, isDeclared: () => false };
const all = { ...known, wasDeclared: () => true };

test.each(['null', '[null, 1, {}]', '{"toString": null}', '"x"'])(
  'an answer of another form (%s) is refused or ignored, and no bug',
  (stdout) => {
    const answer = { kind: 'answered' as const, stdout, stderr: '' };
    const empty = { ...answer, stdout: '{}' };
    expect(() => dockerOptions.read([answer], 'shop')).toThrow(DeployError);
    expect(storage.read([empty, answer], 'shop').entries).toEqual([]);
    expect(network.read([empty, answer], 'shop').networks).toEqual([]);
  },
);

describe('what a real Dokku reports is read as', () => {
  test('limits and reservations, each once', () => {
    const current = resources.read([recordedAnswer('scale-103')], 'r-sc');
    expect(Object.fromEntries(current)).toEqual({
      '_default_.limit.memory': '64m',
      '_default_.reserve.memory': '16m',
      'worker.limit.memory': '32m',
    });
    expect(resources.read([recordedAnswer('scale-096')], 'r-sc').size).toBe(0);
  });

  test('mounts of folders, volumes and entries', () => {
    const { mounts } = storage.read([recordedAnswer('storage-046')], 'r-st');
    expect(mounts.map(({ kind, source, path, suffix }) => `${kind} ${source}:${path}${suffix}`)).toEqual([
      'folder /var/lib/dokku/data/storage/r-dir:/data',
      'folder /var/lib/dokku/data/storage/r-dir:/data2:ro',
      'folder r-vol:/vol',
      'folder r-ent:/ent',
      'entry r-ent:/ent',
      'folder /nosuch-host-dir:/x',
      'folder /etc:/hostetc',
    ]);
    expect(mounts.every(({ isPlain }) => isPlain)).toBe(true);
    expect(storage.read([recordedAnswer('storage-030')], 'r-st').mounts).toEqual([]);
    const entries = storage.read([recordedAnswer('storage-030'), recordedAnswer('storage-024')], 'r-st');
    expect(entries.entries).toEqual(['r-ent', 'r-ent2', 'r-ent3', 'r-ent4', 'r-ent4b']);
  });

  test('port mappings, and none', () => {
    expect(ports.read([recordedAnswer('storage-082')], 'r-st')).toEqual(['http:80:5000', 'https:443:5000']);
    const none = {
      kind: 'refused' as const,
      exit: 1,
      stdout: '',
      stderr: ' !     No port mappings configured for app\n',
    };
    expect(ports.read([none], 'r-st')).toEqual([]);
  });

  test('Docker options, as often as they are stored', () => {
    expect(dockerOptions.read([recordedAnswer('storage-111')], 'r-st')).toEqual({
      build: ['--build-arg X=1', '--build-arg Y=a b'],
      deploy: ['--label a=b c', '--memory=64m', '--memory=64m', '--nosuch-flag'],
      run: ['--memory=64m', '--memory=64m'],
    });
  });

  test('networks of an app and of the host', () => {
    const { values, networks } = network.read(
      [recordedAnswer('storage-139'), recordedAnswer('storage-128')],
      'r-st',
    );
    expect(values).toMatchObject({
      attach_post_create: 'r-net',
      attach_post_deploy: 'r-none',
      bind_all_interfaces: 'maybe',
      tld: 'internal',
    });
    expect(networks).toEqual(['r-net', 'bridge', 'host', 'none']);
  });

  test('buildpacks by their URLs', () => {
    expect(buildpacks.read([recordedAnswer('storage-163')], 'r-st')).toEqual([
      'https://github.com/heroku/heroku-buildpack-python.git',
      'https://github.com/heroku/heroku-buildpack-nodejs.git',
    ]);
  });

  test('properties of the builder, the registry and the scheduler', () => {
    const dockerfile = { kind: 'answered' as const, stdout: '{"dockerfile-path":""}', stderr: '' };
    expect(builder.read([recordedAnswer('storage-172'), dockerfile], 'r-st')).toMatchObject({
      selected: 'nosuch',
      build_dir: '',
    });
    expect(registry.read([recordedAnswer('storage-257')], 'r-st')).toEqual({
      server: '',
      image_repo: '',
      push_on_release: 'maybe',
    });
    const own = { kind: 'answered' as const, stdout: '{"selected":"k3s"}', stderr: '' };
    expect(scheduler.read([own, recordedAnswer('storage-218')], 'r-st')).toMatchObject({
      selected: 'k3s',
      namespace: '',
    });
  });

  test('nothing, from a host whose Dokku has no such plugin yet', () => {
    const own = { kind: 'answered' as const, stdout: '{"selected":""}', stderr: '' };
    const unknown = {
      kind: 'refused' as const,
      exit: 1,
      stdout: '',
      stderr: ' !     `scheduler-k3s:report r-st --format json` is not a dokku command.\n',
    };
    expect(Object.values(scheduler.read([own, unknown], 'r-st')).join('')).toBe('');
  });
});

describe('what an app has is compared as Dokku does', () => {
  const limits = new Map([
    ['_default_.limit.memory', '0.25g'],
    ['web.limit.cpu', '0.50'],
  ]);

  test('amounts by what they are worth', () => {
    const declared = { '_default_.limit.memory': '256', 'web.limit.cpu': '0.5' };
    expect(resources.changes('shop', limits, declared, known)).toEqual([]);
  });

  test('a limit that is no longer declared is cleared, and no other', () => {
    const changed = resources.changes('shop', limits, undefined, {
      ...known,
      wasDeclared: (part) => part === 'web.limit.cpu',
    });
    expect(changed.map(({ commands }) => commands)).toEqual([
      [{ words: ['resource:limit', '--cpu', 'clear', '--process-type', 'web', 'shop'] }],
    ]);
  });

  test('ports in any order', () => {
    const current = ['http:80:5000', 'https:443:5000'];
    expect(ports.changes('shop', current, current.toReversed(), known)).toEqual([]);
  });

  test('a port of the host changes at once, one of the app with the next deploy', () => {
    const effectOf = (map: string) => ports.changes('shop', ['http:80:5000'], [map], known)[0]?.effect;
    expect([effectOf('http:8080:5000'), effectOf('http:80:3000')]).toEqual(['at-once', 'next-deploy']);
  });

  test('buildpacks in their order', () => {
    const [one, two] = ['https://a.test/x/y.git', 'https://a.test/x/z.git'];
    expect(buildpacks.changes('shop', [one, two], [one, two], known)).toEqual([]);
    expect(buildpacks.changes('shop', [two, one], [one, two], known)).toHaveLength(1);
  });

  test('an option of a service’s link is never removed, an option of ours is', () => {
    const link = '--link dokku.mysql.shop-database:dokku-mysql-shop-database';
    const current = { build: [], deploy: [link, '--init'], run: [] };
    const wasDeclared = (part: string) => part === 'deploy --init';
    const [change] = dockerOptions.changes('shop', current, undefined, { ...known, wasDeclared });
    expect(change?.commands).toEqual([{ words: ['docker-options:remove', 'shop', 'deploy', '--init'] }]);
    expect(change?.after).toBe('none');
  });

  test('a mount that is no longer declared is taken away with the options that it has', () => {
    const current = storage.read([recordedAnswer('storage-046')], 'r-st');
    const [change] = storage.changes('r-st', current, undefined, all);
    expect(change?.commands.map(({ words }) => words.slice(2).join(' '))).toEqual([
      '/var/lib/dokku/data/storage/r-dir:/data',
      '/var/lib/dokku/data/storage/r-dir:/data2:ro',
      'r-vol:/vol',
      'r-ent:/ent',
      'r-ent --container-dir /ent',
      '/nosuch-host-dir:/x',
      '/etc:/hostetc',
    ]);
    expect(storage.changes('r-st', current, undefined, known)).toEqual([]);
  });
});
