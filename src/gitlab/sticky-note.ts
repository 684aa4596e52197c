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
  const marker = formatNoteMarker(note.app);
  const body = `${marker}\n\n${note.text}`;
  for (const iid of await findCandidates(client, access, note.mode)) {
    const found = await findNotes(client, iid, marker);
    if (note.mode === 'update-only' && !found.own && found.others.length === 0) continue;
    return putNote(client, found, body);
  }
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
  readonly own: Note | undefined;
  /** Notes that may be ours under an earlier token, which was another user: those of bots, or all if our own user is unknown. */
  readonly others: readonly Note[];
}

async function findNotes(client: GitLabClient, iid: number, marker: string): Promise<ExistingNotes> {
  const [id, notes] = await Promise.all([findOwnId(client), client.listNotes(iid)]);
  const marked = notes.filter(({ body }) => body.startsWith(marker));
  return {
    iid,
    own: marked.find(({ author }) => author.id === id),
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

async function putNote(
  client: GitLabClient,
  { iid, own, others }: ExistingNotes,
  body: string,
): Promise<void> {
  if (own?.body === body) return;
  if (own) return client.editNote(iid, own.id, body);
  for (const other of others) if (await tryEditNote(client, iid, other, body)) return;
  await client.createNote(iid, body);
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
