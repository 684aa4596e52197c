import { join, posix } from 'node:path';
import type { Source } from '../context/context.ts';
import { isRecord, parseJson } from '../context/json-document.ts';
import { readLimitedFile } from '../environment/read-file.ts';
import { readObject } from './objects.ts';
import type { Repository } from './repository.ts';

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
export async function addUptimeCheck(repository: Repository, source: Source): Promise<ExtraFiles> {
  const { extra } = source;
  const shipped = source.uptimeCheck ? await findAppJson(repository, source) : undefined;
  const text = shipped && (await addHealthchecks(shipped.text));
  return text === undefined ? { extra, notes: [] } : { extra: { ...extra, [fileName]: text }, notes: [note] };
}

const fileName = 'app.json';

/** The app.json that the host gets; `text` is undefined if it gets none. */
interface ShippedFile {
  readonly text: string | undefined;
}

/** Returns undefined for a file that cannot be changed: a link or a folder, or one that source.include may replace. */
async function findAppJson(
  repository: Repository,
  { extra, include }: Source,
): Promise<ShippedFile | undefined> {
  const { [fileName]: added } = extra;
  if (added !== undefined) return { text: added };
  const committed = await readCommitted(repository);
  if (!committed || include.length === 0) return committed;
  // source.include may ship the file of the work tree instead.
  const inWorkTree = await readLimitedFile(join(repository.workTree, repository.root, fileName)).then(
    (bytes) => bytes.toString('utf8'),
    () => undefined,
  );
  return inWorkTree === committed.text ? committed : undefined;
}

async function readCommitted({ git, commit, root }: Repository): Promise<ShippedFile | undefined> {
  const path = posix.join(root, fileName);
  const listed = await git.text(['ls-tree', '-z', '--full-tree', commit.tree, '--', path]);
  if (listed === '') return { text: undefined };
  const [, id] = /^100\d{3} blob ([0-9a-f]+)\t/.exec(listed) ?? [];
  return id === undefined ? undefined : { text: (await readObject(git, id)).content.toString('utf8') };
}

/** Returns the text of app.json with the check; undefined if it has checks of its own, or is not valid. */
async function addHealthchecks(text = '{}\n'): Promise<string | undefined> {
  const document = await parseJson(fileName, text);
  if (!('value' in document) || !isRecord(document.value)) return undefined;
  if ((document.value.healthchecks ?? undefined) !== undefined) return undefined;
  const { applyEdits, modify } = await import('jsonc-parser');
  const options = { formattingOptions: { insertSpaces: true, tabSize: 2 } };
  return applyEdits(text, modify(text, ['healthchecks'], healthchecks, options));
}
