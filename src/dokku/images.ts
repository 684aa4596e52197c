import type { Command, Value } from './command.ts';

/**
 * Deploys an image: Dokku commits a Dockerfile of one line to the app's branch and builds that. It compares names only, so the same
 * name is not a change. The branch moves before Dokku checks the deploy lock.
 */
export function fromImage(app: string, image: string): Command {
  return { words: ['git:from-image', app, image] };
}

/**
 * Loads an archive from standard input and deploys the image of this name, which must be in it. Dokku compares the name only, as with
 * `fromImage`.
 */
export function loadImage(app: string, image: string): Command {
  return { words: ['git:load-image', app, image] };
}

/** A domain that never exists, so that no host can pull an image of such a name. */
const loadedPrefix = 'dokku-deploy.invalid/';

/** Returns the name that an image from an archive gets on the host: no registry has it. `path`: of the app, as images' names allow it. */
export function nameLoadedImage(path: string, imageId: string): string {
  return `${loadedPrefix}${path}:${imageId}`;
}

/** Whether an image came to its host in an archive, so that no other host can get it, and this one not again. */
export function isLoadedImage(image: string): boolean {
  return image.startsWith(loadedPrefix);
}

/** Whether the output shows that the branch already holds a Dockerfile with this image. That does not prove that it runs. */
export function isUnchangedImage(lines: readonly string[]): boolean {
  return lines.some((line) => /^ ! {5}No changes detected/.test(line));
}

/**
 * Logs the host in at a registry for one app. Without the app, Dokku would take its name for the server. The password is read from
 * standard input, so that it is in no list of processes.
 */
export function registryLogin(
  app: string,
  { server, user, password }: { readonly server: string; readonly user: string; readonly password: Value },
): Command {
  return { words: ['registry:login', '--password-stdin', app, server, user], input: password };
}
