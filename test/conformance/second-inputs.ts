import { gzipSync } from 'node:zlib';
import { createArchives, packTar } from './archives.ts';
import { createCertificates } from './certificates.ts';
import { appFiles, webAndWorker } from './second-app.ts';

/** Returns the inputs of the second recording: by record for archives, otherwise by the recorder's description. */
export async function createSecondInputs(): Promise<
  (id: string, stdin: string) => Uint8Array | string | undefined
> {
  const archives = await createArchives();
  const described = new Map<string, Uint8Array | string>([
    ...(await createCertificates()),
    ...(await createImages()),
    ...createSql(),
  ]);
  let last: Uint8Array | undefined;
  return (id, stdin) => {
    if (stdin === '<tar: the same>' || stdin === '<the same>') return last;
    const found = archives.get(id) ?? described.get(stdin);
    if (found instanceof Uint8Array) last = found;
    return found;
  };
}

async function createImages(): Promise<[string, Uint8Array][]> {
  const [three, four] = [await saveImage({ 'r-img:3': 'three' }), await saveImage({ 'r-img:4': 'four' })];
  const other = await saveImage({ 'r-img:3': 'other' });
  const zipped = gzipSync(four);
  return [
    ['<docker save of r-img:1 and r-img:2>', await saveImage({ 'r-img:1': 'one', 'r-img:2': 'two' })],
    ['<docker save of another r-img:1>', await saveImage({ 'r-img:1': 'changed' })],
    ['<docker save r-img:3, 182189568 bytes>', three],
    ['<docker save r-img:3, other content, 182189568 bytes>', other],
    ['<docker save | gzip, 72173409 bytes of 182189568>', zipped],
    ['<docker save r-img:4 | gzip>', zipped],
    ['<docker save, gzip>', zipped],
    ['<docker save r-base:1>', await saveImage({ 'r-base:1': 'base' })],
    ['<empty>', Buffer.of()],
    ['<0 bytes>', Buffer.of()],
    ['<first half of the gzip tar>', zipped.subarray(0, zipped.length / 2)],
    ['<first half>', zipped.subarray(0, zipped.length / 2)],
  ];
}

/** Returns an archive like that of `docker save`: the app's image under each tag, with its value of V. */
async function saveImage(versions: Readonly<Record<string, string>>): Promise<Buffer> {
  const images = await Promise.all(
    Object.entries(versions).map(async ([tag, version], index) => {
      const files = appFiles({ predeploy: 'echo predeploy-ran v=$V', procfile: webAndWorker });
      const layer = await packTar(
        Object.fromEntries(Object.entries(files).map(([name, content]) => [`app/${name}`, content])),
      );
      const config = {
        Cmd: ['sh', 'start.sh'],
        Env: [`V=${version}`],
        WorkingDir: '/app',
      };
      return { tag, layer, config: JSON.stringify({ config }), index };
    }),
  );
  const manifest = images.map(({ tag, index }) => ({
    Config: `${index}.json`,
    RepoTags: [tag],
    Layers: [`${index}.tar`],
  }));
  return packTar({
    'manifest.json': JSON.stringify(manifest),
    ...Object.fromEntries(images.map(({ index, config }) => [`${index}.json`, config])),
    ...Object.fromEntries(images.map(({ index, layer }) => [`${index}.tar`, layer])),
  });
}

function createSql(): [string, Uint8Array | string][] {
  const row = (id: number) => `(${id},'user${id}@example.com',0x00FF0D0AFF)`;
  const rows = Array.from({ length: 500 }, (_, id) => row(id)).join(',\n');
  const table = 'create table t (id int primary key, email varchar(100), blobby blob);\n';
  const users = `${table}insert into t values\n${rows};\n`;
  const bigRow = (id: number) => `(${id},'${'b'.repeat(5_000)}')`;
  const bigRows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => bigRow(from + index)).join(',\n');
  const bigTable = 'create table big (id int primary key, body longtext);\n';
  const big = `${bigTable}insert into big values\n${bigRows(0, 100)};\ninsert into big values\n${bigRows(100, 210)};\n`;
  const dump = `drop table if exists big;\n${big}drop table if exists t;\n${users}`;
  return [
    ['<create table and 500 inserts, 31849 bytes>', users],
    ['<SQL, 10506786 bytes>', big],
    ['<the dump, 10524601 bytes>', dump],
    ['<first half of the dump>', dump.slice(0, dump.length / 2)],
    ['<gzip bytes>', gzipSync(users)],
    ['<redis dump, 99 bytes>', Buffer.from('REDIS0010')],
  ];
}
