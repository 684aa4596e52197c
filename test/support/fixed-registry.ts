import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf, type ImageContent, manifestType, packImage } from './image.ts';

/** A registry on loopback that cannot be pushed to. */
export interface FixedRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
}

/** Starts a registry of some images, by tag: it has them under any name. Where more is needed, `aRegistry` starts a real one. */
export const aFixedRegistry = async (
  images: Readonly<Record<string, ImageContent>>,
): Promise<FixedRegistry> => {
  const found = new Map<string, string | Buffer>();
  for (const [tag, content] of Object.entries(images)) {
    const { manifest, blobs } = await packImage(content);
    for (const reference of [tag, digestOf(Buffer.from(manifest))])
      found.set(`manifests/${reference}`, manifest);
    for (const [digest, bytes] of blobs) found.set(`blobs/${digest}`, bytes);
  }
  const server = createServer(({ url = '' }, response) => {
    const body = found.get(url.split('/').slice(-2).join('/'));
    const isManifest = typeof body === 'string';
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': isManifest ? manifestType : 'application/octet-stream',
      ...(isManifest && { 'docker-content-digest': digestOf(Buffer.from(body)) }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
