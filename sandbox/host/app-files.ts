import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteWords } from './split-command.ts';

/** How an app is built and what it runs, according to its files. */
export interface Recipe {
  readonly builder: 'Dockerfile' | 'herokuish';
  /** Shell commands of the build, in order. */
  readonly build: readonly string[];
  /** The shell command that the image runs by itself. `static` serves the files; undefined means there is none. */
  readonly command: string | 'static' | undefined;
  /** The image that a Dockerfile starts from. */
  readonly base: string | undefined;
  /** Whether the image has no `/bin/bash`, which the scripts of app.json need. */
  readonly lacksBash?: true;
  /** The port that a Dockerfile exposes. */
  readonly exposed: string | undefined;
  /** Variables that the Dockerfile sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** What an app has configured about its build. */
export interface RecipeOptions {
  /** The builder that is selected, if any. */
  readonly selected: string;
  /** The path of the Dockerfile. */
  readonly dockerfile: string;
  /** Whether app.json lists buildpacks. */
  readonly hasBuildpacks: boolean;
  /** Whether the Procfile has a web process. */
  readonly hasWeb: boolean;
}

/** Finds out how to build and run the files of an app. Returns undefined if they do not show it. */
export function findRecipe(folder: string, options: RecipeOptions): Recipe | undefined {
  const { selected, hasBuildpacks, hasWeb } = options;
  const docker = readDockerfile(join(folder, options.dockerfile));
  // Buildpacks take precedence over a Dockerfile.
  const usesDocker = selected === '' ? !hasBuildpacks : selected === 'dockerfile';
  if (docker && usesDocker) return docker;
  const node = nodeBuild(folder);
  const isStatic = existsSync(join(staticFolder(folder), 'index.html'));
  if (!hasWeb && !node && !isStatic) return undefined;
  return {
    builder: 'herokuish',
    build: node?.build ?? [],
    command: node?.start ? 'npm start' : isStatic ? 'static' : undefined,
    base: undefined,
    exposed: undefined,
    env: {},
  };
}

function readDockerfile(file: string): Recipe | undefined {
  const text = read(file)?.replace(/\\\n/g, ' ');
  if (text === undefined) return undefined;
  const last = (word: string) =>
    text.split('\n').findLast((line) => line.toUpperCase().startsWith(`${word} `));
  const command = last('CMD')?.slice(4).trim() ?? last('ENTRYPOINT')?.slice(11).trim();
  const env = [...text.matchAll(/^ENV\s+(\w+)[= ](\S+)/gim)].map(([, key = '', value = '']) => [key, value]);
  return {
    builder: 'Dockerfile',
    build: [],
    command: command === undefined ? undefined : shellLine(command),
    base: /^FROM\s+(\S+)/im.exec(text)?.[1],
    ...(lacksBash(text) ? { lacksBash: true } : {}),
    exposed: /^EXPOSE\s+(\d+)/im.exec(text)?.[1],
    env: Object.fromEntries(env),
  };
}

/** Returns whether the last stage starts from an image that is known to come without bash, and does not install it. */
function lacksBash(dockerfile: string): boolean {
  const stage = dockerfile.split(/^(?=FROM\s)/im).at(-1) ?? '';
  const image = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(stage)?.[1] ?? '';
  return /(^|\/)busybox(:|@|$)|alpine|distroless/i.test(image) && !/\bbash\b/.test(stage);
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Returns a CMD as a shell line. CMD has two forms: a JSON list of words, or a shell line. */
function shellLine(text: string): string {
  if (!text.startsWith('[')) return text;
  try {
    return quoteWords(JSON.parse(text) as string[]);
  } catch {
    // Docker takes a list that is not valid JSON for a shell line.
    return text;
  }
}

interface PackageJson {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function nodeBuild(folder: string): { readonly build: string[]; readonly start: boolean } | undefined {
  const text = read(join(folder, 'package.json'));
  if (text === undefined) return undefined;
  const { scripts = {}, dependencies = {} } = JSON.parse(text) as PackageJson;
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

const instructions =
  /^(FROM|RUN|CMD|LABEL|MAINTAINER|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)$/i;

/** Returns the error that Docker's builder prints for a Dockerfile that it cannot parse, or undefined. */
export function dockerfileProblem(file: string): string | undefined {
  const lines = (read(file) ?? '').split('\n');
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
