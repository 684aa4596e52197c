import type { Command } from './command.ts';

/** Prints the URLs of an app's buildpacks (JSON from Dokku 0.38). */
export function reportBuildpacks(app: string): Command {
  return { words: ['buildpacks:report', app, '--format', 'json'] };
}

/** Stores the whole list of an app's buildpacks. */
export function setBuildpacks(app: string, buildpacks: readonly string[]): Command {
  return {
    words:
      buildpacks.length === 0
        ? ['buildpacks:clear', app]
        : ['buildpacks:set', '--replace', app, ...buildpacks],
  };
}

/**
 * Returns the URL that Dokku stores for a buildpack: `owner/name` stands for one at GitHub. Undefined for what Dokku refuses
 * (`validBuildpackURL` in its buildpacks plugin, 0.38).
 */
export function buildpackUrl(buildpack: string): string | undefined {
  const [, owner, name] = /^([\w-]+)\/([\w-]+)$/.exec(buildpack) ?? [];
  if (owner !== undefined)
    return `https://github.com/${owner === 'heroku-community' ? 'heroku' : owner}/heroku-buildpack-${name}.git`;
  return /^(https?|git)(:\/\/|@)[^/:]+[/:][^/:]+\/\S+$/.test(buildpack) ? buildpack : undefined;
}
