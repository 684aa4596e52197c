import type { JobInput, TextFile, UnreadableFile } from '../environment/job-input.ts';
import type { Problem } from '../problems.ts';
import { type AppJson, noAppJson, readAppJson } from './app-json.ts';
import { readConfigFile } from './config-file.ts';
import type { Source, Warning } from './context.ts';
import { type JsonDocument, parseJson } from './json-document.ts';
import type { Configuration } from './schema.ts';
import { type CommandName, targets } from './target.ts';
import { findNode, formatPosition, readYaml } from './yaml-document.ts';

/** The project's files, as read for one command. */
export interface ProjectFiles {
  readonly configuration: Configuration;
  /** The path of the configuration file, for messages. */
  readonly path: string;
  readonly appJson: AppJson;
  readonly extra: Source['extra'];
}

/**
 * Reads the configuration file and app.json (or app.yml). What is wrong with them is a problem for a command that ships.
 * For `review stop` it is a warning: the app's marker names what to remove, and a broken file must not keep a review
 * app alive.
 */
export async function readProjectFiles(
  { jobInput, command }: { readonly jobInput: JobInput; readonly command: CommandName },
  problems: Problem[],
  warnings: Warning[],
): Promise<ProjectFiles> {
  const { configuration: file, unreadable } = jobInput;
  const path = file?.path ?? '.dokku-deploy.yml';
  const read = file ? await readConfigFile(file) : { configuration: {}, problems: [] };
  const { target, ships } = targets[command];
  const found = [...unreadable.map(unreadableProblem), ...read.problems];
  const { configuration } = read;
  if (!ships) {
    warnings.push(...found.map(({ where: about, message }) => ({ about, message })));
    return { configuration, path, ...noFile };
  }
  problems.push(...found);
  const document = await findAppJson(jobInput, problems, warnings);
  if (!document) return { configuration, path, ...noFile };
  const appJson = readAppJson(document, { review: target === 'review' });
  problems.push(...appJson.problems);
  warnings.push(...appJson.warnings);
  const changed = appJson.reviewText ?? document.converted;
  const extra = changed === undefined ? {} : { 'app.json': changed };
  return { configuration, path, appJson, extra };
}

const noFile = { appJson: noAppJson, extra: {} };

function unreadableProblem({ path, reason }: UnreadableFile): Problem {
  return {
    where: path,
    message: reason,
    remedy: 'Give the path of a readable file, relative to the project’s folder.',
  };
}

interface AppJsonDocument extends JsonDocument {
  /** The text to ship as app.json: of an app.yml. */
  readonly converted?: string;
}

/** Returns app.json; without it, an app.yml, which Dokku never reads. */
async function findAppJson(
  { appJson, appYml }: JobInput,
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
