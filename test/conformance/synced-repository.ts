import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { appFiles } from './second-app.ts';
import { createFolder, type Files } from './workspace.ts';

/** A repository that is served as plain files over HTTP, as the recorder's was. */
export interface SyncedRepository {
  /** The id of the first commit. */
  readonly first: string;
  readonly commit: (files: Files) => Promise<void>;
  /** Returns the content of a file of the repository; undefined if there is none. */
  readonly read: (path: string) => Promise<Buffer | undefined>;
}

/** Creates the repository, with one commit on the branch `main`. */
export async function createSyncedRepository(root: string): Promise<SyncedRepository> {
  const path = join(root, 'synced');
  const bare = join(root, 'sy.git');
  const folder = await createFolder(path, appFiles({ predeploy: 'echo predeploy-ran v=$V' }));
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  const publish = async (): Promise<void> => {
    await folder.git('push', '--quiet', bare, '+HEAD:refs/heads/main');
    await execa('git', ['repack', '-a', '-d', '-q'], { cwd: bare });
    await execa('git', ['update-server-info'], { cwd: bare });
  };
  await publish();
  return {
    first: await folder.git('rev-parse', 'HEAD'),
    commit: async (files) => {
      await folder.commit(files);
      await publish();
    },
    read: (name) => readFile(join(bare, name)).catch(() => undefined),
  };
}
