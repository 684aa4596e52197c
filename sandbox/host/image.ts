import { type AppManifest, type Recipe, readManifest } from './app-files.ts';

/** What a build leaves: the files, with what it put beside them, and how they are run. */
export interface Image {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly commit: string;
}

/** An image that was loaded: the files of its working folder, its command and port. */
export interface LoadedImage {
  readonly folder: string;
  readonly command: string | undefined;
  readonly exposed: string | undefined;
}

/** The app.json of what was built last; undefined before the first build. */
export function readManifestOf({ image }: { readonly image: Image | undefined }): AppManifest | undefined {
  if (!image) return undefined;
  const manifest = readManifest(image.folder);
  return manifest instanceof Error ? undefined : manifest;
}
