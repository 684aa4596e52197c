import { execa } from 'execa';
import { measureLayers, readImage } from './layers.ts';
import { filesByPackage } from './packages.ts';

// Prints the image's size, its contents, and how long it takes to start.
const image = process.argv[2] ?? 'dokku-deployer';
const runs = 5;

const layers = await measureLayers(image);
print(
  `${image}: ${megabytes(sum(layers.map(({ raw }) => raw)))} raw, ${megabytes(sum(layers.map(({ compressed }) => compressed)))} compressed (gzip -9 of the layers)`,
);
for (const [index, { raw, compressed }] of layers.entries())
  print(`  layer ${index + 1}: ${megabytes(raw)} raw, ${megabytes(compressed)} compressed`);
print('');
for (const [name, files] of [...filesByPackage(await readImage(image))].sort()) {
  const links = files.filter(({ kind }) => kind !== 'file');
  print(`${name}: ${megabytes(sum(files.map(({ size }) => size)))}`);
  for (const { path, size } of files.filter(({ kind }) => kind === 'file')) print(`  /${path} ${size}`);
  if (links.length > 0) print(`  ${links.length} links: ${links.map(({ path }) => path).join(' ')}`);
}
print('');
print(
  `docker run, to --version: ${await measure('docker', 'run', '--rm', '--network', 'none', image, 'dokku-deploy', '--version')}`,
);
print(`the binary alone, to --version: ${await measure('dist/dokku-deploy', '--version')}`);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

async function measure(program: string, ...args: string[]): Promise<string> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run += 1) seconds.push(await measureSeconds(program, args));
  seconds.sort((a, b) => a - b);
  return `${seconds[Math.floor(runs / 2)]?.toFixed(2)} s (${seconds[0]?.toFixed(2)} to ${seconds.at(-1)?.toFixed(2)})`;
}

async function measureSeconds(program: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await execa(program, args);
  return (performance.now() - started) / 1_000;
}
