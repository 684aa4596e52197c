import type { Problem } from '../problems.ts';

/** What the flags of `git push` mean for the command that replaces it. */
export interface PushFlags {
  readonly argv: readonly string[];
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

const forced = /^(-f|--force|--force-with-lease(=.*)?|--force-if-includes)$/;
const dryRun = /^(-n|--dry-run)$/;
// They change what git prints or how it sends, or concern the hooks of the clone, which are never run.
const ignored =
  /^(-v|-q|-u|-4|-6|--(verbose|quiet|(no-)?progress|porcelain|(no-)?verify|(no-)?thin|set-upstream|ipv[46]))$/;

/** Reads GIT_PUSH_FLAGS. A flag that would push something else than the commit is a problem. */
export function readPushFlags(text: string): PushFlags {
  const flags = text.split(/\s+/).filter((flag) => flag !== '');
  const unknown = flags.filter((flag) => ![forced, dryRun, ignored].some((known) => known.test(flag)));
  return {
    argv: flags.some((flag) => dryRun.test(flag)) ? ['--dry-run'] : [],
    notes: flags.some((flag) => forced.test(flag)) ? [forceNote] : [],
    problems: unknown.map(toProblem),
  };
}

const forceNote =
  'GIT_PUSH_FLAGS: --force is not needed for a rewritten branch; to go back to an older commit, set DOKKU_DEPLOY_ALLOW_OLDER=true';

function toProblem(flag: string): Problem {
  return {
    where: 'GIT_PUSH_FLAGS',
    message: `${JSON.stringify(flag.slice(0, 60))} has no meaning here: only the commit is sent, to the branch that the app deploys from`,
    remedy: 'Remove it.',
  };
}
