import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Context } from '../context/context.ts';
import { nameLoadedImage } from '../dokku/images.ts';
import { DeployError } from '../errors.ts';
import { inspectArchive } from '../images/archive.ts';
import { artifactsRemedy } from '../source/work-tree-folder.ts';

/**
 * Reads the archive to ship and names its image by its content.
 *
 * Throws `image-archive-invalid`.
 */
export async function readImageArchive(context: Context): Promise<Context> {
  const { shipment, source, app } = context;
  if (shipment.kind !== 'image-archive') return context;
  await checkPlace(source.folder, shipment.path);
  const { bytes, isCompressed, imageId } = await inspectArchive(resolve(source.folder, shipment.path));
  const image = nameLoadedImage(toImagePath(app), imageId);
  return { ...context, shipment: { ...shipment, archive: { image, bytes, isCompressed } } };
}

/** Checks that a file exists, and really is in the project. Any other error is reported when the file is read. */
async function checkPlace(folder: string, path: string): Promise<void> {
  const file = await realpath(resolve(folder, path)).catch(({ code }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missingError(path);
  });
  if (file === undefined) return;
  const [first] = relative(findProject(await realpath(folder)), file).split('/');
  if (first === '..') throw outsideError(path);
}

/** Returns the folder of the checkout that a folder is in; the folder itself if it is in none. */
function findProject(folder: string): string {
  for (let top = folder; top !== dirname(top); top = dirname(top))
    if (existsSync(join(top, '.git'))) return top;
  return folder;
}

function missingError(path: string): DeployError {
  return new DeployError('image-archive-invalid', {
    message: `There is no file ${path} to ship.`,
    remedy: artifactsRemedy(path),
  });
}

function outsideError(path: string): DeployError {
  return new DeployError('image-archive-invalid', {
    message: `The file ${path} cannot be shipped: it leads out of the project.`,
    remedy: 'Name a file of the project in source.image_archive or --image-archive.',
  });
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
