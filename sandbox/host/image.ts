import { type AppManifest, type Recipe, readManifest } from './app-files.ts';

/** The result of a build: the files, with those that the build added, and how to run them. */
export interface Image {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly commit: string;
}

/** A loaded image: the files of its working folder, its command and its port. */
export interface LoadedImage {
  readonly folder: string;
  readonly command: string | undefined;
  readonly exposed: string | undefined;
}

/** Returns the app.json of the current image; undefined before the first build. */
export function readManifestOf({ image }: { readonly image: Image | undefined }): AppManifest | undefined {
  if (!image) return undefined;
  const manifest = readManifest(image.folder);
  return manifest instanceof Error ? undefined : manifest;
}
