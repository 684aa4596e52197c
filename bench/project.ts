import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** The project that is deployed: a small site with a Redis service and some history. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Changes a file and commits it. */
  readonly change: (text: string) => Promise<void>;
  /** Writes a file next to the project, which only this user can read. Returns its path. */
  readonly writeSecret: (name: string, content: string) => Promise<string>;
}

/** Creates the project in a temporary folder. */
export async function createProject(): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), 'dokku-deploy-bench-'));
  const folder = join(root, 'app');
  const git = (...args: readonly string[]) =>
    execa('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...args], { cwd: folder });
  const change = async (text: string): Promise<void> => {
    await writeFile(join(folder, 'index.html'), text);
    await git('add', '--all');
    await git('commit', '--quiet', '-m', text);
  };
  await execa('git', ['init', '--quiet', '--initial-branch=main', folder]);
  await writeFile(join(folder, '.dokku-deploy.yml'), 'services: [redis]\nenv: {GREETING: hello}\n');
  for (let number = 1; number <= 20; number += 1) await change(`commit ${number}`);
  return {
    folder,
    change,
    writeSecret: async (name, content) => {
      await writeFile(join(root, name), content, { mode: 0o600 });
      return join(root, name);
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
