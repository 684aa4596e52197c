import type { Recipe } from './app-files.ts';
import type { AppManifest } from './app-json.ts';
import type { Procfile } from './procfile.ts';

/** What Dokku keeps of an app's files besides the image: app.json and the Procfile. */
export interface AppSettings {
  readonly manifest: AppManifest;
  /** Undefined if the app has no Procfile. */
  readonly procfile: Procfile | undefined;
}

/** The result of a build: the files, with those that the build added, and how to run them. */
export interface Image {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly commit: string;
  /** The image that `git:from-image` or `git:load-image` named; '' if it was built from code. */
  readonly sourceImage: string;
}

/** A loaded image: the files of its working folder, its command, its port and its variables. */
export interface LoadedImage {
  readonly id: string;
  readonly folder: string;
  readonly command: string | undefined;
  readonly exposed: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Returns the app.json of the last deploy; undefined before the first one. */
export function readManifestOf({ settings }: { readonly settings: AppSettings | undefined }) {
  return settings?.manifest;
}
