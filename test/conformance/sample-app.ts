import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createSecondInputs } from './second-inputs.ts';
import { createSyncedRepository, type SyncedRepository } from './synced-repository.ts';

const serve = `echo "starting on $PORT"
exec node -e 'require("http").createServer((request, answer) => answer.writeHead(request.url === "/" ? 200 : 404).end("hello")).listen(process.env.PORT, "127.0.0.1")'
`;

/** The app.json of the app that the recorder deployed, as far as the recordings show it. */
export const appJson = {
  env: { LAB_PLAIN: 'from-app-json', LAB_SECRET: { generator: 'secret' } },
  formation: { web: { quantity: 1 } },
  healthchecks: { web: [{ type: 'startup', name: 'web up', path: '/', attempts: 5 }] },
  scripts: {
    postdeploy: 'echo first-postdeploy-ran',
    dokku: { predeploy: 'echo predeploy-ran PORT=$PORT', postdeploy: 'echo postdeploy-ran' },
  },
};

/** The files of that app: a Dockerfile that exposes a port, a program and a page. */
export const sampleFiles: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM dokkulab/base:1\nWORKDIR /app\nCOPY . /app\nEXPOSE 5000\nCMD ["sh", "start.sh"]\n',
  'app.json': JSON.stringify(appJson),
  'start.sh': serve,
  'www/index.html': '<h1>hello</h1>\n',
};

/** The recorder's inputs. */
export interface RecorderInputs extends AsyncDisposable {
  /** Returns the stdin that a record describes, empty if it has none. */
  readonly of: (id: string, stdin: string | null | undefined) => Uint8Array | string;
  /** Returns a recorded command with the port of this machine's web server. */
  readonly line: (argv: string) => string;
  /** Adds a commit to the repository that the recorder synced. */
  readonly commit: SyncedRepository['commit'];
}

const writeAll = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
};

/** Returns an archive like that of `docker save`, with the sample app's image under these tags. */
const savedImage = async (root: string, tags: readonly string[]): Promise<Uint8Array> => {
  const config = { config: { Cmd: ['sh', 'start.sh'], ExposedPorts: { '5000/tcp': {} } } };
  await writeAll(root, {
    'manifest.json': JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: ['layer.tar'] }]),
    'config.json': JSON.stringify(config),
  });
  const files = ['manifest.json', 'config.json', 'layer.tar'];
  await execa('tar', ['-cf', join(root, 'image.tar'), '-C', root, ...files]);
  return readFile(join(root, 'image.tar'));
};

/** Serves the archive that the recorder downloaded by URL, and the repository that it synced. */
async function serveFiles(archive: Uint8Array, synced: SyncedRepository): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const isRepository = pathname.startsWith('/sy.git/');
    const content = isRepository
      ? await synced.read(pathname.slice('/sy.git/'.length))
      : pathname === '/arc2.tar.gz'
        ? archive
        : undefined;
    if (content === undefined) response.writeHead(404).end('not found');
    else response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Creates the archives of the sample app that the recorder used. */
export const createInputs = async (): Promise<RecorderInputs> => {
  const root = await mkdtemp(join(tmpdir(), 'dokku-conformance-'));
  const folder = join(root, 'app');
  await writeAll(folder, sampleFiles);
  await execa('tar', ['-czf', join(root, 'app.tar.gz'), '-C', folder, '.']);
  await execa('zip', ['-qr', join(root, 'app.zip'), '.'], { cwd: folder });
  await execa('tar', ['-cf', join(root, 'layer.tar'), '-C', folder, '.']);
  const image = await savedImage(root, ['labimg/web:1']);
  const images = await savedImage(root, ['labimg/web:1', 'labimg/web:2']);
  const key = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=o-arc.lab.dokku.test',
  ];
  const files = ['-keyout', join(root, 'server.key'), '-out', join(root, 'server.crt')];
  await execa('openssl', [...key, ...files]);
  await execa('tar', ['-cf', join(root, 'certs.tar'), '-C', root, 'server.crt', 'server.key']);
  const bytes = {
    gz: await readFile(join(root, 'app.tar.gz')),
    zip: await readFile(join(root, 'app.zip')),
    image,
    images,
    certs: await readFile(join(root, 'certs.tar')),
  };
  await writeFile(join(folder, 'www/index.html'), '<h1>changed</h1>\n');
  await execa('tar', ['-czf', join(root, 'app2.tar.gz'), '-C', folder, '.']);
  const synced = await createSyncedRepository(root);
  const server = await serveFiles(await readFile(join(root, 'app2.tar.gz')), synced);
  const { port } = server.address() as AddressInfo;
  const second = await createSecondInputs();
  let last: Uint8Array | string = bytes.gz;
  const named = (stdin: string): Uint8Array | string | undefined => {
    if (stdin === '<docker save of two>') return bytes.images;
    if (stdin.startsWith('<docker save')) return bytes.image;
    if (stdin.startsWith('<tar with server.crt')) return bytes.certs;
    if (stdin.startsWith('<zip')) return bytes.zip;
    if (stdin.startsWith('<tar.gz') || stdin === '<same tar.gz>') return bytes.gz;
    return stdin === '<same>' ? last : undefined;
  };
  return {
    of: (id, stdin) => {
      const found = second(id, stdin ?? '') ?? named(stdin ?? '');
      if (found) last = found;
      return found ?? stdin ?? '';
    },
    commit: synced.commit,
    line: (argv) =>
      argv
        .replace(/127\.0\.0\.1:18999(?=\/(arc2|nosuch|sy))/, `127.0.0.1:${port}`)
        .replaceAll('4663a68a73cb6ce9e1180453a86d423ed546ca73', synced.first),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};
