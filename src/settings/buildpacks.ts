import { z } from 'zod';
import { buildpackUrl, reportBuildpacks, setBuildpacks } from '../dokku/buildpacks.ts';
import { readReport } from './report.ts';
import type { Change, Setting, SettingResolver } from './setting.ts';

const schema = z
  .array(z.string({ error: 'expected a list of buildpacks' }).trim().min(1))
  .describe(
    'The buildpacks of the app, exactly these and in this order: heroku/nodejs, or the URL of a repository. [] lets Dokku detect them. Counts from the next deploy.',
  );

/** `buildpacks`: what herokuish builds the app with. */
export const buildpacks: Setting<string[], readonly string[], readonly string[]> = {
  key: 'buildpacks',
  schema,
  resolve: (entry, resolver) => [
    ...new Set(entry.map((raw, index) => resolveBuildpack(raw, String(index), resolver))),
  ],
  questions: (app) => [reportBuildpacks(app)],
  read: ([answer], app) =>
    (readReport(answer, reportBuildpacks(app)).get('list') ?? '').split(',').filter((url) => url !== ''),
  declare: (current) => (current.length === 0 ? undefined : [...current]),
  fresh: () => [],
  changes,
};

/** Dokku stores the URL, and what it refuses is one at which git finds nothing. */
function resolveBuildpack(raw: string, at: string, resolver: SettingResolver): string {
  const text = resolver.text(raw, at).trim();
  const url = buildpackUrl(text);
  if (url === undefined && !text.includes('$'))
    resolver.problem(
      at,
      `${JSON.stringify(text)} is not a buildpack`,
      'Write owner/name (heroku/nodejs), or the URL of a repository: https://github.com/owner/name.git.',
    );
  // Dokku separates the list by commas.
  if (text.includes(','))
    resolver.problem(at, `${JSON.stringify(text)} contains a comma`, 'Write one buildpack per entry.');
  return url ?? text;
}

function changes(app: string, current: readonly string[], declared: readonly string[] = []): Change[] {
  if (current.join() === declared.join()) return [];
  return [
    {
      id: 'buildpacks',
      title: declared.length === 0 ? `Reset the buildpacks of ${app}` : `Set the buildpacks of ${app}`,
      before: describe(current),
      after: describe(declared),
      commands: [setBuildpacks(app, declared)],
      phase: 'before-deploy',
      effect: 'next-deploy',
      repeat: 'the whole list is written again',
    },
  ];
}

function describe(urls: readonly string[]): string {
  // An operator may have put a login into a URL.
  return urls.length === 0 ? 'detected' : urls.join(', ').replace(/(https?:\/\/)[^\s/@]+@/g, '$1***@');
}
