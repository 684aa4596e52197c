import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { writeLicenses } from './licenses.ts';
import { writeSbom } from './sbom.ts';

// Makes the image of jobs from what `npm run build` made, and its list of parts. `--arch arm64` makes that of the other
// architecture, from `npm run build -- --arch arm64`; its Debian stage then needs an arm64 machine, or qemu behind binfmt_misc.
const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: process.arch },
    tag: { type: 'string', default: 'dokku-deployer' },
    base: { type: 'string', default: 'debian:12-slim' },
    network: { type: 'string', default: 'default' },
    'no-cache': { type: 'boolean', default: false },
  },
});
const isNative = values.arch === process.arch;
const binary = isNative ? 'dist/dokku-deploy' : `dist/dokku-deploy-${values.arch}`;
const platform = `linux/${values.arch === 'x64' ? 'amd64' : values.arch}`;

if (!existsSync(binary))
  throw new Error(`${binary} is missing: npm run build${isNative ? '' : ` -- --arch ${values.arch}`}`);

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

// The time of the commit, not of the building: the same commit makes the same image.
const epoch = process.env.SOURCE_DATE_EPOCH ?? ((await git('log', '-1', '--format=%ct')) || '0');
const args = {
  BASE: values.base,
  BINARY: binary,
  VERSION: version,
  REVISION: (await git('rev-parse', 'HEAD')) || 'unknown',
  CREATED: new Date(Number(epoch) * 1_000).toISOString(),
};

const flags = [
  ...(isNative ? [] : ['--platform', platform]),
  ...(values['no-cache'] ? ['--no-cache'] : []),
  ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
];
writeLicenses(values.arch);
await execa('docker', ['build', '--quiet', '--network', values.network, ...flags, '--tag', values.tag, '.'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

// Docker's legacy builder says its own machine's architecture of what ends FROM scratch, whatever it was asked for.
const { stdout: made } = await execa('docker', [
  'inspect',
  '--format',
  '{{.Os}}/{{.Architecture}}',
  values.tag,
]);
if (made !== platform)
  throw new Error(
    `the image says that it is for ${made}: for ${platform}, build with buildx or on such a machine`,
  );
const sbom = await writeSbom({ image: values.tag, arch: values.arch, version, created: args.CREATED });
process.stdout.write(`${values.tag}, and its parts in ${sbom}\n`);

async function git(...words: string[]): Promise<string> {
  return (await execa('git', words, { reject: false })).stdout ?? '';
}
