import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/sandbox.ts';
import { startNetwork } from './network.ts';
import { createProject } from './project.ts';
import { jobEnv, runTool } from './tool.ts';

// Counts the bytes of a first deploy and of a second one after a change of one file, for each kind of files that are shipped. The
// project has 2,000 files of 1 KB in the shipped folder. SSH's own bytes and those of all commands are included.
const fileCount = 2_000;

/** Where the files are, and the `source` that ships them. Ignored folders are what an earlier job has built. */
const kinds: readonly { readonly name: string; readonly folder: string; readonly source: string }[] = [
  { name: 'the commit', folder: 'pages', source: '{}' },
  { name: 'root', folder: 'packages/web', source: '{root: packages/web}' },
  { name: 'dir', folder: 'dist', source: '{dir: dist}' },
  { name: 'include', folder: 'built', source: '{include: [built]}' },
];

console.log(`${fileCount} files of 1 KB; the second deploy changes one of them\n`);
console.log('| source | sent at first | received | sent for the change | received |');
console.log('| --- | ---: | ---: | ---: | ---: |');
for (const kind of kinds) console.log(`| ${kind.name} | ${(await measureKind(kind)).join(' | ')} |`);

/** Deploys twice. Returns the bytes sent and received, first of the first deploy. */
async function measureKind({ folder, source }: (typeof kinds)[number]): Promise<number[]> {
  await using project = await createProject();
  await using sandbox = await startSandbox();
  await using network = await startNetwork(sandbox.port, 0);
  await writeFile(join(project.folder, '.dokku-deploy.yml'), `source: ${source}\n`);
  await writeFile(join(project.folder, '.gitignore'), 'dist/\nbuilt/\n');
  await mkdir(join(project.folder, folder), { recursive: true });
  const write = (number: number, text: string) =>
    writeFile(join(project.folder, folder, `page-${number}.html`), fileContent(number, text));
  for (let number = 1; number < fileCount; number += 1) await write(number, 'first');
  await writeFile(join(project.folder, folder, 'index.html'), 'home');
  await project.change('all files');
  const env = jobEnv(sandbox, network);
  const measure = async () => {
    network.take();
    await runTool(project, ['deploy', 'staging'], env);
    const { sent, received } = network.take();
    return [sent, received];
  };
  const first = await measure();
  await write(7, 'second');
  await project.change('one file');
  return [...first, ...(await measure())];
}

/** A kilobyte that does not compress well, and is the same in each run. */
function fileContent(number: number, text: string): string {
  const words = Array.from({ length: 64 }, (_, index) =>
    ((number * 2_654_435_761 + index * 40_503 * number) % 1_048_576).toString(36),
  );
  return `<!doctype html><title>${number} ${text}</title>${words.join(' ')}\n`;
}
