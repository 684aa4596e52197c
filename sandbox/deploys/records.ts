import { randomBytes } from 'node:crypto';
import type { App, Build } from '../host/state.ts';

/** The sources that build an image. Any other starts one again. */
const buildSources: readonly string[] = [
  'git-hook',
  'ps:rebuild',
  'git:sync',
  'git:from-archive',
  'git:from-image',
  'git:load-image',
];

/** Adds a running build to the records of an app. Without a source it is not listed. */
export function recordBuild(
  app: App,
  { source, startedAt }: { readonly source: string | undefined; readonly startedAt: number },
): Build {
  const build: Build = {
    source: source ?? 'unknown',
    startedAt,
    kind: source === undefined || buildSources.includes(source) ? 'build' : 'deploy',
    id: `mwt${randomBytes(6).toString('hex').slice(0, 11)}`,
    pid: 1_000 + Math.floor(Math.random() * 30_000),
    log: [],
    finishedAt: undefined,
    exitCode: undefined,
    status: 'running',
  };
  if (source !== undefined) app.builds.push(build);
  return build;
}

/**
 * Ends a build, unless it was canceled already. If it ended in order, it marks those that were abandoned before as failed. A
 * build is abandoned if its process ends without a word, as Dokku's does when a build fails, and after each `ps:restart`.
 */
export function endBuild(
  app: App,
  build: Build,
  { outcome, at }: { readonly outcome: 'succeeded' | 'failed' | 'abandoned'; readonly at: number },
): void {
  if (build.status !== 'running') return;
  build.status = build.source === 'ps:restart' ? 'abandoned' : outcome;
  if (build.status === 'abandoned') return;
  build.finishedAt = at;
  build.exitCode = outcome === 'succeeded' ? 0 : 1;
  for (const left of app.builds.filter(({ status }) => status === 'abandoned'))
    closeBuild(left, { status: 'failed', at });
}

/** Closes the record of a build whose process is gone, or is being killed. */
export function closeBuild(
  build: Build,
  { status, at }: { readonly status: 'failed' | 'canceled'; readonly at: number },
): void {
  build.status = status;
  build.finishedAt = at;
  build.exitCode = -1;
}
