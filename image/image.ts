import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { writeLicenses } from './licenses.ts';
import { writeSbom } from './sbom.ts';

// Builds the job image from the output of `npm run build`, and its SBOM. `--arch arm64` builds it for the other architecture, from
// the output of `npm run build -- --arch arm64`; the Debian stage then needs an arm64 machine, or qemu through binfmt_misc.
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
  throw new Error(`${binary} is missing: run npm run build${isNative ? '' : ` -- --arch ${values.arch}`}`);

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

// The time of the commit, not of the build, so that the same commit gives the same image.
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

// Docker's legacy builder labels an image FROM scratch with its own machine's architecture, whatever --platform says.
const { stdout: builtPlatform } = await execa('docker', [
  'inspect',
  '--format',
  '{{.Os}}/{{.Architecture}}',
  values.tag,
]);
if (builtPlatform !== platform)
  throw new Error(
    `the image is labelled ${builtPlatform}, not ${platform}: build it with buildx, or on a ${values.arch} machine`,
  );
const sbom = await writeSbom({ image: values.tag, arch: values.arch, version, created: args.CREATED });
process.stdout.write(`Built ${values.tag} and its SBOM, ${sbom}\n`);

async function git(...args: string[]): Promise<string> {
  return (await execa('git', args, { reject: false })).stdout ?? '';
}
