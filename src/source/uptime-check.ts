import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../context/context.ts';
import { isRecord, parseJson } from '../context/json-document.ts';
import { readLimitedFile } from '../environment/read-file.ts';
import type { Git } from './git.ts';
import { readObject } from './objects.ts';
import type { Repository } from './repository.ts';
import type { Selection } from './selection.ts';
import { displayPath } from './tree.ts';

/** How long a new version must run before the host switches to it, in seconds. */
const uptimeSeconds = 3;

const healthchecks = { web: [{ type: 'startup', name: 'still running', uptime: uptimeSeconds }] };

const note = `app.json has no healthchecks: the host checks that the new version runs for ${uptimeSeconds} s, instead of Dokku's default of 10 s (checks: false turns this off)`;

/** The files that a snapshot adds, and what the log should mention about them. */
export interface ExtraFiles {
  readonly extra: Source['extra'];
  readonly notes: readonly string[];
}

/**
 * Adds a startup check for the web process to the app.json of the snapshot if the source asks for it and the file has no
 * healthchecks. Without any check, Dokku waits 10 seconds in each deploy to see whether the new version keeps running. Of
 * the shorter checks, `listening` would notice nothing. The rest of the file stays as it is.
 *
 * Throws `source-failed`.
 */
export async function addUptimeCheck(
  repository: Repository,
  source: Source,
  selection: Selection,
): Promise<ExtraFiles> {
  const { extra } = source;
  const shipped = source.uptimeCheck ? await findAppJson(repository, source, selection) : undefined;
  const text = shipped && (await addHealthchecks(shipped.text));
  return text === undefined
    ? { extra, notes: [] }
    : { extra: { ...extra, [fileNameOf(source)]: text }, notes: [note] };
}

function fileNameOf({ appJsonPath = 'app.json' }: Source): string {
  return appJsonPath;
}

/** The app.json that the host gets; `text` is undefined if it gets none. */
interface ShippedFile {
  readonly text: string | undefined;
}

/** Returns undefined for a file that cannot be changed: a link, a folder, or one that cannot be read. */
async function findAppJson(
  { git, workTree }: Repository,
  source: Source,
  { base, removed, added }: Selection,
): Promise<ShippedFile | undefined> {
  const { extra } = source;
  const fileName = fileNameOf(source);
  const { [fileName]: inserted } = extra;
  if (inserted !== undefined) return { text: inserted };
  const file = added.findLast(({ to }) => to === fileName);
  if (file) return readRegularFile(join(workTree, displayPath(file.from)));
  if (added.some(({ to }) => to.startsWith(`${fileName}/`))) return undefined;
  return base === undefined || removed.includes(fileName)
    ? { text: undefined }
    : readCommitted(git, base, fileName);
}

async function readRegularFile(path: string): Promise<ShippedFile | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return undefined;
    return { text: (await readLimitedFile(path)).toString('utf8') };
  } catch {
    return undefined;
  }
}

async function readCommitted(git: Git, tree: string, fileName: string): Promise<ShippedFile | undefined> {
  const listed = await git.text(['ls-tree', '-z', '--full-tree', tree, '--', fileName]);
  if (listed === '') return { text: undefined };
  const [, id] = /^100\d{3} blob ([0-9a-f]+)\t/.exec(listed) ?? [];
  return id === undefined ? undefined : { text: (await readObject(git, id)).content.toString('utf8') };
}

/** Returns the text of app.json with the check; undefined if it has checks of its own, or is not valid. */
async function addHealthchecks(text = '{}\n'): Promise<string | undefined> {
  const document = await parseJson('app.json', text);
  if (!('value' in document) || !isRecord(document.value)) return undefined;
  if ((document.value.healthchecks ?? undefined) !== undefined) return undefined;
  const { applyEdits, modify } = await import('jsonc-parser');
  const options = { formattingOptions: { insertSpaces: true, tabSize: 2 } };
  return applyEdits(text, modify(text, ['healthchecks'], healthchecks, options));
}
