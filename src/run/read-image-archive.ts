import { resolve } from 'node:path';
import type { Context } from '../context/context.ts';
import { inspectArchive } from '../images/archive.ts';

/**
 * Reads the archive to ship and names its image by its content. The name's registry does not exist, so that the host never pulls
 * an image of this name from somewhere else.
 *
 * Throws `image-archive-invalid`.
 */
export async function readImageArchive(context: Context): Promise<Context> {
  const { shipment, source, app } = context;
  if (shipment.kind !== 'image-archive') return context;
  const { bytes, isCompressed, imageId } = await inspectArchive(resolve(source.folder, shipment.path));
  const image = `dokku-deploy.invalid/${toImagePath(app)}:${imageId}`;
  return { ...context, shipment: { ...shipment, archive: { image, bytes, isCompressed } } };
}

/** Turns an app's name into a part of an image's name, in which dots and dashes must be between letters or digits. */
function toImagePath(app: string): string {
  return (
    app
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-') ?? 'app'
  );
}
