import { createApp } from '../../sandbox/host/create-app.ts';
import type { Reach } from '../../sandbox/host/stages.ts';
import type { Machine } from '../../sandbox/machine.ts';
import type { TestRepository } from './repository.ts';

/** The end of a push: whether the host accepted it, and what it printed. */
export interface PushResult {
  readonly accepted: boolean;
  /** The decision of the host's hook. */
  readonly decision: 'accepted' | 'rejected' | 'killed';
  readonly output: string;
}

interface PushOptions {
  readonly app: string;
  /** The full ref to push to; by default master. */
  readonly ref?: string;
  readonly reach?: Reach;
}

/** Pushes HEAD of a repository to an app, without SSH: git fetches the objects, then the host decides and moves the ref. */
export async function pushTo(
  machine: Machine,
  repository: TestRepository,
  { app: name, ref = 'refs/heads/master', reach = () => {} }: PushOptions,
): Promise<PushResult> {
  const app = machine.state.apps.get(name) ?? createApp(machine, name);
  const git = (...words: readonly string[]) => machine.repositories.git(name, words);
  const newId = repository.git('rev-parse', 'HEAD');
  await git('fetch', '--quiet', repository.folder, '+HEAD:refs/pushed/head');
  await git('update-ref', '-d', 'refs/pushed/head');
  const oldId = (await git('rev-parse', '--verify', '--quiet', ref)).stdout.trim() || '0'.repeat(40);
  const lines: string[] = [];
  const push = {
    updates: [{ oldId, newId, ref }],
    env: {},
    out: (line: string) => void lines.push(line),
  };
  const decision = await machine.preReceive(app, reach)(push);
  const moved = decision === 'accepted' ? await git('update-ref', ref, newId, oldId) : { exitCode: 1 };
  return { accepted: moved.exitCode === 0, decision, output: lines.join('\n') };
}
