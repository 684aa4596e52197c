import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';

/** How an app is built and what it runs, as its files say. */
export interface Recipe {
  readonly builder: 'Dockerfile' | 'herokuish';
  /** Shell commands of the build, in order. */
  readonly build: readonly string[];
  /** The shell command of the web process; `static` serves the files themselves; undefined: none. */
  readonly web: string | 'static' | undefined;
  /** The Procfile's release line. */
  readonly release: string | undefined;
  /** Variables that the Dockerfile sets. */
  readonly env: Readonly<Record<string, string>>;
}

const read = (folder: string, name: string): string | undefined => {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};

const procfile = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (read(folder, 'Procfile') ?? '').split('\n').flatMap((line) => {
      const [, name, command] = /^([A-Za-z0-9_-]+):\s*(.+)$/.exec(line.trim()) ?? [];
      return name && command ? [[name, command]] : [];
    }),
  );

/** CMD in its two forms: a JSON list of words, or a shell line. */
const shellLine = (text: string): string => {
  if (!text.startsWith('[')) return text;
  const words = JSON.parse(text) as string[];
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
};

const dockerfile = (folder: string): Omit<Recipe, 'release'> | undefined => {
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
    env: Object.fromEntries(env),
  };
};

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const nodeBuild = (folder: string): { readonly build: string[]; readonly start: boolean } | undefined => {
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
};

/** What is to be done with the files of an app; undefined when nothing in them says how. */
export const recipeOf = (folder: string): Recipe | undefined => {
  const { web, release } = procfile(folder);
  const docker = dockerfile(folder);
  if (docker) return { ...docker, web: web ?? docker.web, release };
  const node = nodeBuild(folder);
  const isStatic = existsSync(join(folder, 'index.html'));
  if (web === undefined && !node && !isStatic) return undefined;
  return {
    builder: 'herokuish',
    build: node?.build ?? [],
    web: web ?? (node?.start ? 'npm start' : isStatic ? 'static' : undefined),
    release,
    env: {},
  };
};

type EnvEntry =
  | string
  | { readonly value?: string; readonly generator?: string; readonly required?: boolean };

interface Startup {
  readonly type?: string;
  readonly path?: string;
}

/** What Dokku honours of app.json. */
export interface AppManifest {
  readonly env?: Readonly<Record<string, EnvEntry>>;
  readonly scripts?: {
    readonly postdeploy?: string;
    readonly dokku?: { readonly predeploy?: string; readonly postdeploy?: string };
  };
  readonly healthchecks?: { readonly web?: readonly Startup[] };
}

/** Reads app.json (with comments and trailing commas); an Error for one that cannot be read. */
export const readManifest = (folder: string): AppManifest | Error => {
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
};
