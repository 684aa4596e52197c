import { readFileSync } from 'node:fs';

/** A deploy on a real Dokku 0.38.27, as its client saw it. Docker's progress lines are left out. */
export interface RecordedDeploy {
  readonly id: string;
  readonly note: string;
  readonly kind: 'push' | 'rebuild';
  /** `ok`, or git's reason for the rejected ref; null where the host answered nothing, or the rebuild failed. */
  readonly status: string | null;
  /** The host's output, without `remote: ` and git's padding. */
  readonly lines: readonly string[];
}

const file = new URL('../recorded/deploys.jsonl', import.meta.url);

/** Every push and every rebuild of the recordings. */
export const recordedDeploys: readonly RecordedDeploy[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedDeploy);

/** The recorded deploy of this id. */
export const recordedDeploy = (id: string): RecordedDeploy => {
  const found = recordedDeploys.find((one) => one.id === id);
  if (!found) throw new Error(`no deploy was recorded as ${id}`);
  return found;
};
