import type { App, SandboxHost } from './state.ts';

/**
 * Runs a command whose whole output Dokku captures as that of a build. If it ends before it builds anything, its record
 * stays unfinished, whatever its exit code.
 */
export async function asBuild(
  host: SandboxHost,
  app: App,
  { source, run }: { readonly source: string; readonly run: () => number | Promise<number> },
): Promise<number> {
  const before = app.builds.length;
  const exit = await run();
  if (app.builds.length === before) host.recordUnfinished(app, source);
  return exit;
}
