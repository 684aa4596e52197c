import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { App, SandboxState } from '../host/state.ts';
import { mountsOf, storageFolder } from '../host/storage.ts';

/** The folder that the app's files have in a container. */
const appFolder = '/app';

/**
 * Puts the storage of an app into its files, as a container has it. The sandbox has no containers: a mount is a symbolic link, only
 * those below `/app` can be made, and a read-only one can be written to. What the files themselves have at its path is covered until
 * the mount is gone.
 */
export function linkMounts(state: SandboxState, app: App, folder: string): void {
  const list = `${folder}.mounts`;
  const before = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  for (const inside of before) uncover(folder, inside);
  const linked: string[] = [];
  for (const { host_path, container_path } of mountsOf(state, app)) {
    const inside = below(appFolder, container_path);
    const source = below(storageFolder, host_path);
    if (inside === undefined || source === undefined) continue;
    // <host>/releases/<folder>, beside <host>/storage.
    const stored = join(folder, '..', '..', 'storage', source);
    mkdirSync(stored, { recursive: true });
    cover(folder, inside);
    symlinkSync(stored, join(folder, inside));
    linked.push(inside);
  }
  writeFileSync(list, linked.join('\n'));
}

function uncover(folder: string, inside: string): void {
  const covered = join(`${folder}.covered`, inside);
  rmSync(join(folder, inside), { force: true });
  if (existsSync(covered)) renameSync(covered, join(folder, inside));
}

/** Returns the relative path of what is below a folder; undefined for anything else. */
function below(folder: string, path: string): string | undefined {
  const relative = posix.relative(folder, path);
  return relative === '' || relative.startsWith('..') ? undefined : relative;
}

function cover(folder: string, inside: string): void {
  const [own, covered] = [join(folder, inside), join(`${folder}.covered`, inside)];
  mkdirSync(dirname(own), { recursive: true });
  if (!existsSync(own)) return;
  mkdirSync(dirname(covered), { recursive: true });
  renameSync(own, covered);
}
