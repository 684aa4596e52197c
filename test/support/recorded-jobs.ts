import { readFileSync } from 'node:fs';

/** What a real runner provided to a job, besides its variables. */
export interface RecordedWorkspace {
  readonly executor: string;
  /** The branch or tag. */
  readonly ref: string;
  /** As `id` prints it. */
  readonly id: string;
  readonly umask: string;
  readonly cwd: string;
  readonly HOME: string;
  /** `id type name` of each. */
  readonly refs: readonly string[];
  readonly shallow: boolean;
  readonly commits: number;
  /** `key=value`, in git's order. */
  readonly config: readonly string[];
  /** `mode uid:gid type path`. */
  readonly files: readonly string[];
  readonly git_dir: readonly string[];
  readonly parents: readonly string[];
  readonly project_tmp: readonly string[];
  readonly file_variables: Readonly<Record<string, { readonly path: string; readonly content: string }>>;
}

/** A job recorded from a real runner. */
export interface RecordedJob {
  readonly name: string;
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: RecordedWorkspace;
}

const read = <Content>(name: string): Content =>
  JSON.parse(readFileSync(new URL(`../recorded/gitlab-runner/${name}`, import.meta.url), 'utf8')) as Content;

/** Every recorded job. The runner’s feature flags are the same in all, and kept once. */
export const recordedJobs = (): RecordedJob[] => {
  const flags = read<Record<string, string>>('feature-flags.json');
  const workspaces = read<Record<string, RecordedWorkspace>>('workspaces.json');
  return Object.entries(read<Record<string, Record<string, string>>>('cases.json')).map(([name, env]) => ({
    name,
    env: { ...flags, ...env },
    workspace: workspaces[name] as RecordedWorkspace,
  }));
};
