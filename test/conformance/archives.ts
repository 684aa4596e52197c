import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { type AppOptions, appFiles, webAndWorker } from './second-app.ts';
import type { Files } from './workspace.ts';

/** Entries of an archive that aren't plain files, such as links. */
type Entry = Pick<Header, 'name'> & Partial<Header>;

type Contents = Readonly<Record<string, string | Uint8Array | undefined>>;

/** Packs files, and further entries without content, into a tar archive. */
export async function packTar(files: Contents, entries: readonly Entry[] = []): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    if (content !== undefined) archive.entry({ name }, Buffer.from(content));
  }
  for (const entry of entries) archive.entry(entry, '');
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const options: AppOptions = { predeploy: 'echo predeploy-ran v=$V' };

const base = appFiles(options);

const withWorker = appFiles({ ...options, procfile: webAndWorker });

/** The archives that the second recording sent to git:from-archive, by record. */
export async function createArchives(): Promise<ReadonlyMap<string, Uint8Array>> {
  const plain = await packTar(base);
  const extra = (name: string, content = 'x\n') => packTar({ ...base, [name]: content });
  const under = (folder: string) =>
    packTar(Object.fromEntries(Object.entries(base).map(([name, content]) => [`${folder}${name}`, content])));
  const links = (...entries: readonly Entry[]) => packTar(base, entries);
  const link = (name: string, linkname: string): Entry => ({ name, linkname, type: 'symlink' });
  const large = await extra('large.bin', 'x'.repeat(1_000_000));
  const ignored = await packTar({ ...base, '.gitignore': 'ignored.txt\n', 'ignored.txt': 'x\n' });
  const cut = await packTar({ ...base, 'last.bin': 'x'.repeat(20_000) });
  const gzipped = gzipSync(await extra('noise.txt', randomText()));
  return new Map<string, Uint8Array>([
    ['ship-057', plain],
    ['ship-064', plain],
    ['ship-065', await extra('more.txt')],
    ['ship-066', plain],
    ['ship-068', gzipSync(plain)],
    ['ship-069', gzipSync(await extra('gzip.txt'))],
    ['ship-070', await extra('tar.txt')],
    ['ship-071', plain],
    ['ship-072', plain],
    ['ship-073', await extra('end.txt')],
    ['ship-074', await under('top/')],
    ['ship-076', await packTar({ ...prefixed('./', base), './dots.txt': 'x\n' })],
    ['ship-078', await packTar({ 'src/a.txt': 'a\n', 'src2.txt': 'b\n' })],
    ['ship-080', await links(link('inside', 'start.sh'), link('absolute', '/etc/passwd'))],
    ['ship-082', await extra('.git/config', '[core]\n')],
    ['ship-084', ignored],
    ['ship-086', await packTar({ ...base, '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a\n' })],
    ['ship-088', await extra('../up.txt')],
    ['ship-089', await packTar({ ...base, '/abs.txt': 'x\n' })],
    ['ship-090', await extra('żółw i kot.txt')],
    ['ship-091', await packTar({})],
    ['ship-092', Buffer.of()],
    ['ship-093', Buffer.from('this is no tar\n')],
    ['ship-094', (await packTar({ ...base, ...{ Procfile: undefined } })).subarray(0, 1_500)],
    ['ship-095', await packTar({ 'README.md': 'nothing\n' })],
    ['ship-098', await packTar({ ...base, Dockerfile: 'FROM r-base:1\nRUNN true\n' })],
    ['ship-100', await extra('good.txt')],
    ['ship-103', await packTar({ ...withWorker, 'more.txt': 'x\n' })],
    ['ship-107', await packTar({ ...withWorker, 'more.txt': 'x\n' })],
    ['ship-108', large],
    ['ship-202', await links(link('inside', 'start.sh'), link('up', '../m'))],
    ['ship-204', ignored],
    ['ship-212', await links(link('inside', 'start.sh'), link('dangling', 'nothing'))],
    ['ship-214', gzipped.subarray(0, gzipped.length / 2)],
    ['ship-215', cut.subarray(0, cut.length - 11_000)],
    ['lock-3-014', Buffer.of()],
  ]);
}

function prefixed(prefix: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${prefix}${name}`, content]));
}

/** Returns text that doesn't compress, the same each time. */
function randomText(): string {
  let state = 1;
  return Array.from({ length: 20_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}
