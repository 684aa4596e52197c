import type { MergeRequestAccess } from '../context/context.ts';
import type { DeliveryResult } from '../notify/delivery.ts';
import type { Secret } from '../secret.ts';
import { createGitLabClient, type GitLabClient, type Note } from './client.ts';
import { toDeliveryFailure } from './errors.ts';
import { GitLabError } from './requester.ts';

/** The note of a review app in its merge request. */
export interface StickyNote {
  readonly app: string;
  /** Markdown without the marker. */
  readonly text: string;
  /**
   * The id of the job that the note is about: a note about a newer job is never replaced. Undefined: any note is. The
   * removal of the app always replaces it.
   */
  readonly job?: number | undefined;
  /** `update-only`: updates an existing note, also in a closed merge request, and never creates one. */
  readonly mode: 'write' | 'update-only';
}

const malformedToken: DeliveryResult = {
  kind: 'failed',
  reason: 'GITLAB_TOKEN contains a space or a line break: paste it again',
  retryable: false,
};

/**
 * Writes the note of a review app into its merge request, replacing that of an earlier run. Without a merge request there is
 * nothing to do. Makes one attempt, which the signal aborts. Never throws.
 */
export async function writeStickyNote(
  access: MergeRequestAccess & { readonly token: Secret },
  note: StickyNote,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  if (/\s/.test(access.token.reveal())) return malformedToken;
  try {
    await upsertNote(await createGitLabClient({ ...access, signal }), access, note);
    return { kind: 'delivered' };
  } catch (error) {
    return toDeliveryFailure(error);
  }
}

async function upsertNote(client: GitLabClient, access: MergeRequestAccess, note: StickyNote): Promise<void> {
  for (const iid of await findCandidates(client, access, note.mode)) {
    const found = await findNotes(client, iid, formatNoteMarker(note.app));
    if (note.mode === 'update-only' && found.own.length === 0 && found.others.length === 0) continue;
    return putNewest(client, found, note);
  }
}

/** How often another job may come in between. */
const maxRounds = 5;

/**
 * Writes the note unless it is about a newer job, and looks again: GitLab's API cannot compare and swap, so another job may have
 * written in between. Each job does so, and leaves one note: the first one, about the newest job.
 */
async function putNewest(client: GitLabClient, first: ExistingNotes, note: StickyNote): Promise<void> {
  let found = first;
  for (let round = 1; round <= maxRounds; round += 1) {
    const newest = findNewest(found);
    const isOutdated = note.mode === 'write' && newest !== '' && jobOf(newest) > (note.job ?? Infinity);
    const body = isOutdated ? newest : formatBody(note, newest);
    const [kept, ...extra] = found.own;
    if (extra.length === 0 && (kept?.body === body || isOutdated)) return;
    const outcome = kept
      ? await editOwnNote(client, found.iid, kept, body)
      : await putNote(client, found, body);
    // A note that is gone was deleted by a person, or by a job that kept another one.
    if (outcome !== 'gone') for (const { id } of extra) await client.deleteNote(found.iid, id);
    if (outcome === 'foreign' || note.job === undefined) return;
    found = await findNotes(client, found.iid, formatNoteMarker(note.app));
  }
  throw new Error('other jobs change the note at the same time');
}

/** Returns the body that is about the newest job; '' without any. */
function findNewest({ own, others }: ExistingNotes): string {
  const bodies = [...own, ...others.filter(isBot)].map(({ body }) => body);
  return bodies.reduce((best, body) => (best === '' || jobOf(body) > jobOf(best) ? body : best), '');
}

/** The removal of an app keeps the number of a newer job, so that an older one does not replace it. */
function formatBody({ app, text, job, mode }: StickyNote, previous: string): string {
  const number = mode === 'update-only' ? Math.max(job ?? 0, jobOf(previous)) : job;
  const line = number === undefined || number <= 0 ? '' : `<!-- job=${number} -->\n`;
  return `${formatNoteMarker(app)}\n${line}\n${text}`;
}

/** Returns the job that a note is about; 0 if it does not name one, as in notes of version 1.0.0. */
function jobOf(body: string): number {
  return Number(/^<!-- dokku-deploy app=[^\n]* -->\n<!-- job=(\d{1,15}) -->\n/.exec(body)?.[1] ?? 0);
}

/** Returns the merge requests that may have the note: the one of the pipeline, or those of the branch. */
async function findCandidates(
  client: GitLabClient,
  { iid, branch }: MergeRequestAccess,
  mode: StickyNote['mode'],
): Promise<readonly number[]> {
  if (iid !== undefined) return [iid];
  const found = await client.listMergeRequests(branch, mode === 'write' ? 'open' : 'all');
  const open = found.filter(({ state }) => state === 'opened');
  // After a merge, the branch of the stop job has no open merge request.
  const rest = mode === 'update-only' ? found.filter(({ state }) => state !== 'opened') : [];
  return [...open, ...rest].slice(0, 3).map((one) => one.iid);
}

interface ExistingNotes {
  readonly iid: number;
  /** Our own notes, the oldest first: more than one if two jobs created it at the same time. */
  readonly own: readonly Note[];
  /** Notes that may be ours under an earlier token, which was another user: those of bots, or all if our own user is unknown. */
  readonly others: readonly Note[];
}

async function findNotes(client: GitLabClient, iid: number, marker: string): Promise<ExistingNotes> {
  const [id, notes] = await Promise.all([findOwnId(client), client.listNotes(iid)]);
  const marked = notes.filter(({ body }) => body.startsWith(marker));
  return {
    iid,
    own: marked.filter(({ author }) => author.id === id).sort((a, b) => a.id - b.id),
    others: id === undefined ? marked : marked.filter(isBot),
  };
}

/** Returns undefined if the token may not read its own user. */
async function findOwnId(client: GitLabClient): Promise<number | undefined> {
  try {
    return await client.getCurrentUserId();
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof GitLabError && (error.status === 403 || error.status === 404);
}

/** Whether the author is the bot user of a project or group access token (GitLab: bot users for projects). */
function isBot({ author }: Note): boolean {
  return /^(project|group)_\d+_bot/.test(author.username);
}

async function editOwnNote(
  client: GitLabClient,
  iid: number,
  note: Note,
  body: string,
): Promise<'own' | 'gone'> {
  try {
    if (note.body !== body) await client.editNote(iid, note.id, body);
    return 'own';
  } catch (error) {
    if (error instanceof GitLabError && error.status === 404) return 'gone';
    throw error;
  }
}

/** Creates the note, or edits one that an earlier token made (`foreign`). */
async function putNote(
  client: GitLabClient,
  { iid, others }: ExistingNotes,
  body: string,
): Promise<'own' | 'foreign'> {
  for (const other of others) if (await tryEditNote(client, iid, other, body)) return 'foreign';
  await client.createNote(iid, body);
  return 'own';
}

async function tryEditNote(client: GitLabClient, iid: number, { id }: Note, body: string): Promise<boolean> {
  try {
    await client.editNote(iid, id, body);
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** Returns the marker that identifies the note of an app: its first line, which GitLab doesn't show. */
export function formatNoteMarker(app: string): string {
  return `<!-- dokku-deploy app=${app} -->`;
}
