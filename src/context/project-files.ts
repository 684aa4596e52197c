import type { AppFiles, JobInput, TextFile, UnreadableFile } from '../environment/job-input.ts';
import { isProjectFolder, normalizeFolder } from '../environment/source-folders.ts';
import type { Problem } from '../problems.ts';
import { normalizePath, type PathsEntry } from '../settings/paths.ts';
import type { SettingResolver } from '../settings/setting.ts';
import { type AppJson, noAppJson, readAppJson } from './app-json.ts';
import type { ConfigBlock } from './config-block.ts';
import { readConfigFile } from './config-file.ts';
import type { Source, Warning } from './context.ts';
import { expandVariables } from './expansion.ts';
import { type JsonDocument, parseJson } from './json-document.ts';
import { readProcessTypes } from './procfile.ts';
import type { Resolver } from './resolver.ts';
import type { ReviewProfile } from './review-profile.ts';
import type { Configuration } from './schema.ts';
import { isImageSource, shippedFolder } from './source.ts';
import type { SourceEntry } from './source-schema.ts';
import { type CommandName, targets } from './target.ts';
import { findNode, formatPosition, readYaml } from './yaml-document.ts';

/** The configuration file. */
export interface ConfigurationFile {
  readonly configuration: Configuration;
  /** Its path, for messages. */
  readonly path: string;
}

/** What is known of a job: its input and its command. */
interface CommandInput {
  readonly jobInput: JobInput;
  readonly command: CommandName;
}

/** Reads the configuration file. What is wrong with it is a problem or a warning, as the table of commands says. */
export async function readConfiguration(
  { jobInput, command }: CommandInput,
  problems: Problem[],
  warnings: Warning[],
): Promise<ConfigurationFile> {
  const { configuration: file, unreadable } = jobInput;
  const path = file?.path ?? '.dokku-deploy.yml';
  const read = file ? await readConfigFile(file) : { configuration: {}, problems: [] };
  const found = [...unreadable.map(unreadableProblem), ...read.problems];
  if (targets[command].brokenFile === 'problem') {
    problems.push(...found);
    return { configuration: read.configuration, path };
  }
  warnings.push(...found.map(({ where: about, message }) => ({ about, message })));
  return { configuration: found.length > 0 ? {} : read.configuration, path };
}

function unreadableProblem({ path, reason }: UnreadableFile): Problem {
  return {
    where: path,
    message: reason,
    remedy: 'Give the path of a readable file, relative to the project’s folder.',
  };
}

/** What is shipped as app.json, and the types of the Procfile beside it; undefined if there is none. */
export interface ShippedAppFiles {
  readonly appJson: AppJson;
  readonly extra: Source['extra'];
  readonly processes: readonly string[] | undefined;
  /** The path of app.json below the shipped folder, if it has another place. */
  readonly appJsonPath?: string;
}

/** What the file says about the files that are shipped. */
interface ShippedBlock extends Pick<ConfigBlock, 'source' | 'settings'> {
  readonly profile: ReviewProfile | undefined;
}

/**
 * Reads the app.json (or app.yml) and the Procfile of the folder that is shipped. What is wrong with it is a problem; a command
 * that does not configure an app reads none.
 */
export async function readAppFile(
  { jobInput, command }: CommandInput,
  { source, settings, profile }: ShippedBlock,
  { resolver, warnings }: { readonly resolver: Resolver; readonly warnings: Warning[] },
): Promise<ShippedAppFiles> {
  const { target, configures } = targets[command];
  const { problems } = resolver;
  const found = jobInput.appFiles.get(chooseFolder(source));
  const paths = configures && !isImageSource(source) ? (settings.paths as PathsEntry | undefined) : undefined;
  const files = found && (await replaceFiles(found, { source, paths, jobInput }, resolver));
  if (!configures || !files) return { appJson: noAppJson, extra: {}, processes: undefined };
  problems.push(...files.unreadable.map(unreadableProblem));
  const document = await findAppJson(files, problems, warnings);
  const processes = files.procfile && readProcessTypes(files.procfile);
  const place = paths?.app_json === undefined ? {} : { appJsonPath: files.appJson?.path ?? paths.app_json };
  if (!document) return { appJson: noAppJson, extra: {}, processes, ...place };
  const { hasDockerfile } = files;
  const appJson = readAppJson(document, {
    review: target === 'review',
    profile,
    processes,
    hasDockerfile,
  });
  problems.push(...appJson.problems);
  warnings.push(...appJson.warnings);
  const changed = appJson.reviewText ?? document.converted;
  const name = place.appJsonPath ?? 'app.json';
  return { appJson, extra: changed === undefined ? {} : { [name]: changed }, processes, ...place };
}

interface NamedFiles {
  readonly source: SourceEntry;
  readonly paths: PathsEntry | undefined;
  readonly jobInput: JobInput;
}

/** Reads the files that `paths` names instead of the default ones. Dokku ignores one that does not exist (facts-2, F61). */
async function replaceFiles(
  files: AppFiles,
  { source, paths = {}, jobInput }: NamedFiles,
  resolver: Resolver,
): Promise<AppFiles> {
  const read = async (key: 'app_json' | 'procfile'): Promise<TextFile | undefined> => {
    const path = normalizePath(expandVariables(paths[key] ?? '', resolver.env).value);
    const folder = shippedFolder(source);
    // The setting reports a path that leads out of the project.
    if (!isProjectFolder(path)) return undefined;
    const file = await jobInput.readFile(folder === '' ? path : `${folder}/${path}`);
    if ('text' in file) return { path, text: file.text };
    resolver.problems.push({
      where: `${resolver.path}: paths.${key}`,
      message: `${path} cannot be read: ${file.reason}. Dokku would ignore it without a word`,
      remedy: 'Write the path below the shipped folder, or remove the key.',
    });
    return undefined;
  };
  const named = {
    ...(paths.app_json === undefined ? {} : { appJson: await read('app_json'), appYml: undefined }),
    ...(paths.procfile === undefined ? {} : { procfile: await read('procfile') }),
  };
  return { ...files, ...named };
}

/** An included app.json of the project's folder is shipped instead of the one in the shipped folder. */
function chooseFolder(source: SourceEntry): string {
  return (source.include ?? []).some((path) => normalizeFolder(path) === 'app.json')
    ? ''
    : shippedFolder(source);
}

interface AppJsonDocument extends JsonDocument {
  /** The text to ship as app.json: of an app.yml. */
  readonly converted?: string;
}

/** Returns app.json; without it, an app.yml, which Dokku never reads. */
async function findAppJson(
  { appJson, appYml }: AppFiles,
  problems: Problem[],
  warnings: Warning[],
): Promise<AppJsonDocument | undefined> {
  if (!appJson) return appYml && convertYaml(appYml, problems, warnings);
  const document = await parseJson(appJson.path, appJson.text);
  if ('value' in document) return document;
  problems.push(document);
  return undefined;
}

function convertYaml(file: TextFile, problems: Problem[], warnings: Warning[]): AppJsonDocument | undefined {
  const read = readYaml(file);
  if ('problems' in read) {
    problems.push(...read.problems);
    return undefined;
  }
  const { yaml, value } = read;
  const converted = formatJson(value);
  if (converted === undefined) {
    problems.push({ where: file.path, message: 'an alias contains itself', remedy: 'Write the value out.' });
    return undefined;
  }
  warnings.push({
    about: file.path,
    message: 'Dokku only reads app.json, so this file is shipped as app.json; rename it',
  });
  return {
    path: file.path,
    value,
    positionOf: (...keys) => formatPosition(yaml, findNode(yaml, keys)?.range?.[0]),
    converted,
  };
}

/** Returns undefined for a value that contains itself. */
function formatJson(value: unknown): string | undefined {
  try {
    return `${JSON.stringify(value, null, 2)}\n`;
  } catch {
    return undefined;
  }
}

/** With an image, the Procfile and app.json that count are in its working folder. */
export function describeProcesses(
  { processes, appJson }: ShippedAppFiles,
  { image, image_archive }: SourceEntry,
): Pick<SettingResolver, 'processes' | 'hasFormation'> {
  const isImage = image !== undefined || image_archive !== undefined;
  return isImage
    ? { processes: undefined, hasFormation: false }
    : { processes, hasFormation: appJson.hasFormation };
}
