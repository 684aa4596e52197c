import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** What a test puts into an image. */
export interface ImageContent {
  /** Files by path below the working folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** The names in an archive; null for none. */
  readonly tags?: readonly string[] | null;
}

/** Packs files into a plain tar archive. The same files always give the same bytes, whatever the time. */
export const tarOf = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> => {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    archive.entry({ name, mtime: new Date(0) }, Buffer.from(content));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A web server on $PORT that shows the file `page` of its folder. */
export const serverCode =
  'require("node:http").createServer((_, r) => r.end(require("node:fs").readFileSync("page", "utf8"))).listen(process.env.PORT)';

/** The layer and the configuration of an image whose working folder is /app. */
export const buildImage = async ({ files, command = ['node', '-e', serverCode] }: ImageContent) => {
  const layer = await tarOf(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [`app/${name}`, content])),
  );
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: command, WorkingDir: '/app', ExposedPorts: { '5000/tcp': {} } },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  return { layer, config };
};

/** An archive as `docker save` writes it. */
export const dockerArchive = async (content: ImageContent): Promise<Buffer> => {
  const { layer, config } = await buildImage(content);
  const { tags = ['shop:1'] } = content;
  const name = `${digestOf(config).slice('sha256:'.length)}.json`;
  return tarOf({
    'layer/layer.tar': layer,
    [name]: config,
    'manifest.json': JSON.stringify([{ Config: name, RepoTags: tags, Layers: ['layer/layer.tar'] }]),
  });
};

export const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** The manifest of an image in a registry, and what it names, by digest. */
export const packImage = async (content: ImageContent) => {
  const { layer, config } = await buildImage(content);
  const packed = gzipSync(layer);
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    size: bytes.length,
    digest: digestOf(bytes),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.docker.container.image.v1+json', config),
    layers: [describe('application/vnd.docker.image.rootfs.diff.tar.gzip', packed)],
  });
  return { manifest, blobs: new Map([config, packed].map((bytes) => [digestOf(bytes), bytes])) };
};

interface PushTarget {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Pushes an image to a registry and returns the digest of its manifest. */
export const pushImage = async (
  { host, headers = {} }: PushTarget,
  name: string,
  content: ImageContent,
): Promise<string> => {
  const [repository = '', tag = 'latest'] = name.split(':');
  const url = `http://${host}/v2/${repository}`;
  const send = async (path: string, init: RequestInit) => {
    const response = await fetch(path.startsWith('http') ? path : `${url}/${path}`, {
      ...init,
      headers: { ...headers, ...init.headers },
    });
    if (!response.ok) throw new Error(`${init.method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const { manifest, blobs } = await packImage(content);
  for (const [digest, bytes] of blobs) {
    const started = await send('blobs/uploads/', { method: 'POST' });
    const location = new URL(started.headers.get('location') ?? '', url);
    location.searchParams.set('digest', digest);
    await send(location.href, { method: 'PUT', body: new Uint8Array(bytes) });
  }
  await send(`manifests/${tag}`, {
    method: 'PUT',
    body: manifest,
    headers: { 'content-type': manifestType },
  });
  return digestOf(Buffer.from(manifest));
};
