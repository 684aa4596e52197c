import type { LoadedImage } from './image.ts';
import type { SandboxState } from './state.ts';

/** Finds an image of the host by its name: one that was loaded, or the latest of an app (`dokku/APP:latest`). */
export function findImage({ images, apps }: SandboxState, name: string): LoadedImage | undefined {
  const loaded = images.get(name);
  if (loaded) return loaded;
  const [, app = ''] = /^dokku\/([^:]+)(?::latest)?$/.exec(name) ?? [];
  const built = apps.get(app)?.image;
  if (!built) return undefined;
  const { command, exposed, env } = built.recipe;
  return { id: '', folder: built.folder, command, exposed, env };
}
