import { randomBytes } from 'node:crypto';
import type { App, Build } from '../host/state.ts';

/** Adds a running build to the records of an app, whose output will be collected in `log`. */
export function recordBuild(
  app: App,
  made: Pick<Build, 'source' | 'kind' | 'startedAt'>,
  log: string[] = [],
): Build {
  const build: Build = {
    ...made,
    id: `mwt${randomBytes(6).toString('hex').slice(0, 11)}`,
    pid: 1_000 + Math.floor(Math.random() * 30_000),
    log,
    finishedAt: undefined,
    status: 'running',
  };
  app.builds.push(build);
  return build;
}

/** Ends a build. Unless it is itself abandoned, it marks those that were abandoned before as failed. */
export function endBuild(
  app: App,
  build: Build,
  { outcome, at }: { readonly outcome: 'succeeded' | 'canceled' | 'abandoned'; readonly at: number },
): void {
  build.status = outcome;
  if (outcome === 'abandoned') return;
  build.finishedAt = at;
  for (const left of app.builds.filter(({ status }) => status === 'abandoned')) {
    left.status = 'failed';
    left.finishedAt = at;
  }
}
