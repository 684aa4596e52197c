import type { Buffer } from 'node:buffer';
import { isAbsolute, join, resolve } from 'node:path';
import type { World } from '../world.ts';
import { type Checkout, readCheckout } from './checkout.ts';
import { readLimitedFile, UnreadableError } from './read-file.ts';
import { listSourceFolders, normalizeFolder } from './source-folders.ts';
import { readVariables, type VariableName, type Variables, variables } from './variables.ts';

/** A file's text and its path, relative to the project if possible. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A file that can't be read, or that the user named and that doesn't exist. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
  readonly isMissing?: boolean;
}

/** What the job was given, not validated yet. */
export interface JobInput {
  readonly variables: Variables;
  /** The content of `file-or-text` variables, whether they held a path or the content. */
  readonly contents: Readonly<Partial<Record<VariableName, string>>>;
  /** All variables of the job, for `$NAME` in the configuration file. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of variables that are set but empty, as GitLab sets a reference to a protected variable. */
  readonly empty: ReadonlySet<string>;
  readonly folder: string;
  readonly checkout: Checkout;
  readonly configuration: TextFile | undefined;
  /** The configuration file, if it cannot be read. */
  readonly unreadable: readonly UnreadableFile[];
  /** The files for Dokku in each folder that may be shipped, by its normalized path; '' for the project's folder. */
  readonly appFiles: ReadonlyMap<string, AppFiles>;
  /** Reads a file that the configuration names, once its name is known: it may have variables in it. */
  readonly readFile: (path: string) => Promise<TextFile | UnreadableFile>;
  /** When the run began, in milliseconds since 1970. */
  readonly now: number;
}

/** The files for Dokku in one folder. */
export interface AppFiles {
  readonly appJson?: TextFile | undefined;
  /** A file that a well-known tutorial uses, and that Dokku never reads. */
  readonly appYml?: TextFile | undefined;
  readonly procfile?: TextFile | undefined;
  readonly hasDockerfile?: boolean | undefined;
  readonly unreadable: readonly UnreadableFile[];
}

/** The flags that name files and folders to read. */
interface InputFlags {
  readonly config?: string | undefined;
  readonly root?: string | undefined;
  readonly dir?: string | undefined;
}

/** The default path of the configuration file. */
export const defaultConfigFile = '.dokku-deploy.yml';

/** Reads everything that a run is given: variables, and the project's files. Throws nothing: see `unreadable`. */
export async function readJobInput(
  { env, cwd, now = Date.now }: Pick<World, 'env' | 'cwd'> & Partial<Pick<World, 'now'>>,
  { config, root, dir }: InputFlags = {},
): Promise<JobInput> {
  const declared = readVariables(env);
  const empty = Object.keys(env).filter((name) => env[name]?.trim() === '');
  const file = await readProjectFile(cwd, config ?? defaultConfigFile);
  const configuration = 'text' in file ? file : undefined;
  const flagged = [root, dir].flatMap((folder) => (folder === undefined ? [] : [normalizeFolder(folder)]));
  const folders = ['', ...flagged, ...(await listSourceFolders(configuration?.text))];
  return {
    variables: declared,
    contents: await readContents(declared),
    env,
    empty: new Set(empty),
    folder: cwd,
    checkout: await readCheckout(cwd),
    configuration,
    unreadable: 'text' in file || (file.isMissing && config === undefined) ? [] : [toUnreadable(file)],
    appFiles: await readAppFiles(cwd, new Set(folders)),
    readFile: (path) => readProjectFile(cwd, path),
    now: now(),
  };
}

/** Reads another text file of the project; undefined if it does not exist or cannot be read. */
export async function readTextFile(cwd: string, path: string): Promise<TextFile | undefined> {
  return toText(await readProjectFile(cwd, path));
}

type ReadFile = TextFile | (UnreadableFile & { readonly isMissing: boolean });

async function readProjectFile(cwd: string, path: string): Promise<ReadFile> {
  try {
    return { path, text: decodeText(await readLimitedFile(resolve(cwd, path))) };
  } catch (error) {
    const { message: reason, isMissing } = error as UnreadableError;
    return { path, reason, isMissing };
  }
}

/** Throws `UnreadableError` for text in another encoding: its values would silently change. */
function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnreadableError('not UTF-8 text');
  }
}

async function readAppFiles(cwd: string, folders: ReadonlySet<string>): Promise<Map<string, AppFiles>> {
  const read = [...folders].map(async (folder): Promise<[string, AppFiles]> => {
    const names = ['app.json', 'app.yml', 'app.yaml', 'Procfile', 'Dockerfile'];
    const [appJson, appYml, appYaml, procfile, dockerfile] = await Promise.all(
      names.map((name) => readProjectFile(cwd, join(folder, name))),
    );
    const unreadable = [appJson, appYml, appYaml].flatMap((file) =>
      file && 'reason' in file && !file.isMissing ? [toUnreadable(file)] : [],
    );
    return [
      folder,
      {
        appJson: toText(appJson),
        appYml: toText(appYml) ?? toText(appYaml),
        procfile: toText(procfile),
        hasDockerfile: toText(dockerfile) !== undefined,
        unreadable,
      },
    ];
  });
  return new Map(await Promise.all(read));
}

function toText(file: ReadFile | undefined): TextFile | undefined {
  return file && 'text' in file ? file : undefined;
}

function toUnreadable({ path, reason }: UnreadableFile): UnreadableFile {
  return { path, reason };
}

async function readContents(declared: Variables): Promise<JobInput['contents']> {
  const names = variables.filter(({ kind }) => kind === 'file-or-text').map(({ name }) => name);
  const found = names.map(async (name) => [name, declared[name] && (await resolveContent(declared[name]))]);
  return Object.fromEntries(await Promise.all(found));
}

/** Returns the content of the file that an absolute path names (a file-type variable); any other value as it is. */
async function resolveContent(value: string): Promise<string> {
  const path = value.trim();
  if (!isAbsolute(path) || path.includes('\n')) return value;
  return readLimitedFile(path).then(
    (bytes) => bytes.toString('utf8'),
    () => value,
  );
}
