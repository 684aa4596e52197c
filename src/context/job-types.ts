/** The job's commit, its pages in GitLab, and who started it; undefined where the variable is not set. */
export interface Job {
  readonly commit: string | undefined;
  readonly url: string | undefined;
  readonly pipelineUrl: string | undefined;
  readonly projectUrl: string | undefined;
  readonly user: string | undefined;
  /** When GitLab removes the review app, in its words (`1 week`), and the environment that a merge deploys to. */
  readonly autoStopIn: string | undefined;
  readonly afterMerge: string | undefined;
  /** In a merged results pipeline: the source branch's commit, and the target branch. */
  readonly merged: { readonly commit: string; readonly target: string } | undefined;
}
