import type { Warning } from './context.ts';
import { isRecord } from './json-document.ts';

/** What else of the project decides how Dokku reads app.json. */
export interface AppJsonSurroundings {
  /** The types of the Procfile; undefined if there is none. */
  readonly processes?: readonly string[] | undefined;
  readonly hasDockerfile?: boolean | undefined;
}

/** Returns what Dokku ignores in app.json or reads differently from Heroku, each once, with what to write instead. */
export function remarkOnAppJson(
  path: string,
  { formation, buildpacks, stack, scripts }: Readonly<Record<string, unknown>>,
  { processes = [], hasDockerfile = false }: AppJsonSurroundings,
): Warning[] {
  const types = isRecord(formation) ? Object.keys(formation) : [];
  const omitted = types.length > 0 ? processes.filter((type) => !types.includes(type)) : [];
  const sized = isRecord(formation) ? types.filter((type) => hasSize(formation[type])) : [];
  const release = isRecord(scripts) && Object.hasOwn(scripts, 'release');
  const remarks: readonly (readonly [string, string | undefined])[] = [
    [
      'formation',
      omitted.length > 0
        ? `Dokku starts no process of a type that it does not name: ${omitted.join(', ')}. Name these, too, or replace it with scale in .dokku-deploy.yml`
        : undefined,
    ],
    [
      `formation.${sized[0]}.size`,
      sized.length > 0 ? 'Dokku has no sizes of dynos; write resources in .dokku-deploy.yml' : undefined,
    ],
    [
      'buildpacks',
      Array.isArray(buildpacks) && buildpacks.length > 0 && hasDockerfile
        ? 'Dokku builds with these instead of the Dockerfile; to use the Dockerfile, write builder: dockerfile in .dokku-deploy.yml'
        : undefined,
    ],
    [
      'stack',
      stack === undefined
        ? undefined
        : 'Dokku has no stacks and ignores it; the system that an app runs on is that of its image or of the host’s builder',
    ],
    [
      'scripts.release',
      release ? 'Dokku does not run it; write it as the process type release in the Procfile' : undefined,
    ],
  ];
  return remarks.flatMap(([key, message]) =>
    message === undefined ? [] : [{ about: `${path}: ${key}`, message }],
  );
}

function hasSize(entry: unknown): boolean {
  return isRecord(entry) && entry.size !== undefined;
}
