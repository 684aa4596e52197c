import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { World } from '../world.ts';
import { type Checkout, readCheckout } from './checkout.ts';
import { readVariables, type VariableName, type Variables, variables } from './variables.ts';

/** A text and where it came from, relative to the project where it can be. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A file that was named and is not there, or that is there and cannot be read. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
}

/** What the job was given, unjudged. */
export interface JobInput {
  readonly variables: Variables;
  /** The content of file-or-text variables, whichever way they came. */
  readonly contents: Readonly<Partial<Record<VariableName, string>>>;
  /** All variables of the job, for `$NAME` in values of the configuration. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names that are set, and empty: a protected variable that a YAML variable refers to. */
  readonly empty: ReadonlySet<string>;
  readonly folder: string;
  readonly checkout: Checkout;
  readonly configuration: TextFile | undefined;
  readonly appJson: TextFile | undefined;
  /** A file that a well-known tutorial names, and that Dokku never reads. */
  readonly appYml: TextFile | undefined;
  readonly unreadable: readonly UnreadableFile[];
}

/** Where the configuration is looked for. */
export const defaultConfigFile = '.dokku-deploy.yml';

const missing = 'there is no such file';

/** Reads all that a run is given: variables, and the project's files where there are any. */
export async function readJobInput(
  { env, cwd }: Pick<World, 'env' | 'cwd'>,
  { config }: { readonly config?: string | undefined } = {},
): Promise<JobInput> {
  const given = readVariables(env);
  const empty = Object.keys(env).filter((name) => env[name]?.trim() === '');
  const unreadable: UnreadableFile[] = [];
  const readProjectFile = async (path: string): Promise<TextFile | undefined> => {
    const file = await readTextFile(cwd, path);
    if ('text' in file) return file;
    if (file.reason !== missing || path === config) unreadable.push(file);
    return undefined;
  };
  return {
    variables: given,
    contents: await readContents(given),
    env,
    empty: new Set(empty),
    folder: cwd,
    checkout: await readCheckout(cwd),
    configuration: await readProjectFile(config ?? defaultConfigFile),
    appJson: await readProjectFile('app.json'),
    appYml: (await readProjectFile('app.yml')) ?? (await readProjectFile('app.yaml')),
    unreadable,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: missing,
  ENOTDIR: missing,
  EISDIR: 'it is a folder, not a file',
  EACCES: 'this user may not read it',
};

async function readTextFile(folder: string, path: string): Promise<TextFile | UnreadableFile> {
  try {
    return { path, text: await readFile(resolve(folder, path), 'utf8') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { path, reason: reasons[code] ?? message };
  }
}

async function readContents(given: Variables): Promise<JobInput['contents']> {
  const names = variables.filter(({ kind }) => kind === 'file-or-text').map(({ name }) => name);
  const found = names.map(async (name) => [name, given[name] && (await resolveContent(given[name]))]);
  return Object.fromEntries(await Promise.all(found));
}

/** A file-type variable holds a path: its content; any other value, as one that names no readable file, is the content. */
async function resolveContent(value: string): Promise<string> {
  const path = value.trim();
  if (!isAbsolute(path) || path.includes('\n')) return value;
  const file = await readTextFile('/', path);
  return 'text' in file ? file.text : value;
}
