import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';
import { quoteWords } from './split-command.ts';

/** How an app is built and what it runs, according to its files. */
export interface Recipe {
  readonly builder: 'Dockerfile' | 'herokuish';
  /** Shell commands of the build, in order. */
  readonly build: readonly string[];
  /** The shell command of the web process. `static` serves the files themselves; undefined means there is none. */
  readonly web: string | 'static' | undefined;
  /** The `release` command of the Procfile. */
  readonly release: string | undefined;
  /** The process types in the Procfile; undefined without one. */
  readonly types: readonly string[] | undefined;
  /** The image that a Dockerfile starts from. */
  readonly base: string | undefined;
  /** The port that a Dockerfile exposes. */
  readonly exposed: string | undefined;
  /** Variables that the Dockerfile sets. */
  readonly env: Readonly<Record<string, string>>;
}

const instructions =
  /^(FROM|RUN|CMD|LABEL|MAINTAINER|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)$/i;

/** Returns the error that Docker's builder prints for a Dockerfile that it cannot parse, or undefined. */
export function dockerfileProblem(folder: string): string | undefined {
  const lines = (read(folder, 'Dockerfile') ?? '').split('\n');
  let continued = false;
  for (const [index, line] of lines.entries()) {
    const [word = ''] = line.trim().split(/\s+/);
    const counts = word !== '' && !word.startsWith('#');
    if (counts && !continued && !instructions.test(word))
      return `dockerfile parse error on line ${index + 1}: unknown instruction: ${word}`;
    // A here-document may contain anything.
    if (/<<-?['"]?\w+/.test(line)) return undefined;
    if (counts) continued = line.trimEnd().endsWith('\\');
  }
  return undefined;
}

function read(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * Finds out how to build and run the files of an app. Returns undefined if they do not show it. `selected` is the
 * builder that `builder:set` chose, '' for none.
 */
export function findRecipe(folder: string, selected = ''): Recipe | undefined {
  const lines = readProcfile(folder);
  const { web, release } = lines;
  const types = Object.keys(lines).length === 0 ? undefined : Object.keys(lines);
  const docker = readDockerfile(folder);
  const manifest = readManifest(folder);
  // Buildpacks take precedence over a Dockerfile.
  const wantsBuildpacks = !(manifest instanceof Error) && manifest.buildpacks !== undefined;
  const usesDocker = selected === '' ? !wantsBuildpacks : selected === 'dockerfile';
  if (docker && usesDocker) return { ...docker, web: web ?? docker.web, release, types };
  const node = nodeBuild(folder);
  const isStatic = existsSync(join(staticFolder(folder), 'index.html'));
  if (web === undefined && !node && !isStatic) return undefined;
  return {
    builder: 'herokuish',
    build: node?.build ?? [],
    web: web ?? (node?.start ? 'npm start' : isStatic ? 'static' : undefined),
    release,
    types,
    base: undefined,
    exposed: undefined,
    env: {},
  };
}

function readProcfile(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (read(folder, 'Procfile') ?? '').split('\n').flatMap((line) => {
      const [, name, command] = /^([A-Za-z0-9_-]+):\s*(.+)$/.exec(line.trim()) ?? [];
      return name && command ? [[name, command]] : [];
    }),
  );
}

function readDockerfile(folder: string): Omit<Recipe, 'release' | 'types'> | undefined {
  const text = read(folder, 'Dockerfile')?.replace(/\\\n/g, ' ');
  if (text === undefined) return undefined;
  const last = (word: string) =>
    text.split('\n').findLast((line) => line.toUpperCase().startsWith(`${word} `));
  const command = last('CMD')?.slice(4).trim() ?? last('ENTRYPOINT')?.slice(11).trim();
  const env = [...text.matchAll(/^ENV\s+(\w+)[= ](\S+)/gim)].map(([, key = '', value = '']) => [key, value]);
  return {
    builder: 'Dockerfile',
    build: [],
    web: command === undefined ? undefined : shellLine(command),
    base: /^FROM\s+(\S+)/im.exec(text)?.[1],
    exposed: /^EXPOSE\s+(\d+)/im.exec(text)?.[1],
    env: Object.fromEntries(env),
  };
}

/** Returns a CMD as a shell line. CMD has two forms: a JSON list of words, or a shell line. */
function shellLine(text: string): string {
  return text.startsWith('[') ? quoteWords(JSON.parse(text) as string[]) : text;
}

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function nodeBuild(folder: string): { readonly build: string[]; readonly start: boolean } | undefined {
  const text = read(folder, 'package.json');
  if (text === undefined) return undefined;
  const { scripts = {}, dependencies = {} } = JSON.parse(text) as Manifest;
  const locked = existsSync(join(folder, 'package-lock.json'));
  const install =
    Object.keys(dependencies).length > 0
      ? [`npm ${locked ? 'ci' : 'install'} --omit=dev --no-audit --no-fund`]
      : [];
  const script = ['heroku-postbuild', 'build'].find((name) => name in scripts);
  return {
    build: [...install, ...(script ? [`npm run --silent ${script}`] : [])],
    start: 'start' in scripts,
  };
}

/** Returns the folder of a static site: `www` if it exists, as in the nginx buildpack (its bin/compile), otherwise the whole folder. */
export function staticFolder(folder: string): string {
  const www = join(folder, 'www');
  return existsSync(www) ? www : folder;
}

/** A health check in app.json. */
export interface Healthcheck {
  readonly type?: string;
  readonly name?: string;
  readonly path?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly attempts?: number;
  readonly uptime?: number;
  readonly listening?: boolean;
}

/** A scheduled task in app.json. */
export interface CronTask {
  readonly command: string;
  readonly schedule: string;
}

type EnvEntry =
  | string
  | {
      readonly value?: string;
      readonly generator?: string;
      readonly required?: boolean;
      readonly sync?: boolean;
    };

/** The keys of app.json that Dokku uses. */
export interface AppManifest {
  readonly env?: Readonly<Record<string, EnvEntry>>;
  readonly scripts?: {
    readonly postdeploy?: string;
    readonly dokku?: { readonly predeploy?: string; readonly postdeploy?: string };
  };
  readonly healthchecks?: { readonly web?: readonly Healthcheck[] };
  readonly formation?: Readonly<Record<string, { readonly quantity?: number }>>;
  readonly cron?: readonly CronTask[];
  readonly buildpacks?: readonly { readonly url: string }[];
}

/** Reads app.json, which may contain comments and trailing commas. Returns an Error if it cannot be parsed. */
export function readManifest(folder: string): AppManifest | Error {
  const text = read(folder, 'app.json');
  if (text === undefined) return {};
  const errors: ParseError[] = [];
  const manifest: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split('\n');
    return new Error(
      `hujson: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: parsing value: unexpected EOF`,
    );
  }
  return (manifest ?? {}) as AppManifest;
}
