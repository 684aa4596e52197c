import type { Source, Warning } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { maskUrlPasswords } from '../secret.ts';
import type { Git } from './git.ts';
import { displayPath } from './tree.ts';

/** A submodule of a commit whose files are not shipped: Dokku tries to fetch it. */
export interface Submodule {
  /** Each character is one byte. */
  readonly path: string;
  /** From .gitmodules; undefined if it has none there. */
  readonly url: string | undefined;
}

/**
 * Checks whether Dokku can fetch these submodules: it deploys an empty folder for one that it cannot fetch. Returns warnings about
 * those that may be private.
 *
 * Throws `source-incomplete` for those that it cannot fetch, unless `source.submodules: host` says otherwise.
 */
export function checkSubmodules(submodules: readonly Submodule[], source: Source): Warning[] {
  if (submodules.length === 0 || source.submodules === 'host') return [];
  const unreachable = submodules.flatMap(({ path, url }) => {
    const reason = explainUnreachable(url);
    return reason === undefined ? [] : [`${displayPath(path)}: ${reason}`];
  });
  if (unreachable.length > 0) throw unreachableError(unreachable, source);
  return submodules.map(({ path, url = '' }) => ({
    about: `the submodule ${displayPath(path)}`,
    message: `Dokku fetches it from ${maskUrlPasswords(url)}, and deploys an empty folder if that fails. To ship its files, ${adviceToInclude}.`,
  }));
}

/** Returns why Dokku's server cannot fetch a submodule, undefined if it may be able to. */
function explainUnreachable(url: string | undefined): string | undefined {
  if (url === undefined)
    return 'it has no URL in .gitmodules; probably a folder with its own .git was committed';
  const shown = maskUrlPasswords(url);
  if (/^\.\.?(\/|$)/.test(url))
    return `${shown} is relative to the URL of the project, which Dokku does not know`;
  if (/^https?:\/\/gitlab-ci-token[:@]/.test(url))
    return `${shown} contains the token of a job that has ended`;
  if (/^(https?|git|ftps?):\/\//.test(url)) return undefined;
  if (/^(git\+)?ssh(\+git)?:\/\/|^[^/]+:/.test(url) && !/^file:/.test(url))
    return `${shown} needs an SSH key, which Dokku’s server does not have`;
  return `${shown} is a path on another machine`;
}

const adviceToInclude = 'add its path to source.include and set GIT_SUBMODULE_STRATEGY: recursive';

function unreachableError(reasons: readonly string[], { history }: Source): DeployError {
  const count = reasons.length === 1 ? 'a submodule' : `${reasons.length} submodules`;
  const include =
    history === 'full'
      ? 'use source.history: snapshot, add the path to source.include'
      : 'add the path to source.include';
  return new DeployError('source-incomplete', {
    message: `Dokku cannot fetch ${count} of this commit, and would deploy empty folders.`,
    said: reasons,
    remedy: `To ship the files, ${include} and set GIT_SUBMODULE_STRATEGY: recursive. If Dokku’s server can fetch them, set source.submodules: host.`,
  });
}

/** Reads the URLs in a .gitmodules file, by path. Throws `source-failed`. */
export async function readSubmoduleUrls(git: Git, blob: string): Promise<Map<string, string>> {
  const pattern = '^submodule\\..*\\.(path|url)$';
  const result = await git.run(['config', '--blob', blob, '-z', '--get-regexp', pattern]);
  const output = result.kind === 'ok' ? result.stdout.toString('latin1') : '';
  const settings = new Map(
    output.split('\0').map((setting): [string, string] => {
      const end = setting.indexOf('\n');
      return [setting.slice(0, end), setting.slice(end + 1)];
    }),
  );
  const urls = new Map<string, string>();
  for (const [key, path] of settings) {
    const url = settings.get(key.replace(/path$/, 'url'));
    if (key.endsWith('.path') && url !== undefined) urls.set(path, url);
  }
  return urls;
}
