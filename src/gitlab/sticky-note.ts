import type { MergeRequestAccess } from '../context/context.ts';
import type { DeliveryResult } from '../notify/delivery.ts';
import type { Secret } from '../secret.ts';
import { createGitLabClient, type GitLabClient, type Note } from './client.ts';
import { toDeliveryFailure } from './errors.ts';
import { GitLabError } from './requester.ts';

/** What is to stand in the merge request of a review app. */
export interface StickyNote {
  readonly app: string;
  /** Markdown, without the mark. */
  readonly text: string;
  /** `update-only`: a merge request without a note gets none, and a closed one counts too. */
  readonly mode: 'write' | 'update-only';
}

const malformedToken: DeliveryResult = {
  kind: 'failed',
  reason: 'GITLAB_TOKEN has a blank or a line break in it: paste it again',
  retryable: false,
};

/**
 * Writes the one note of a review app into its merge request, in the place of the one that an earlier run wrote. Without a
 * merge request there is nothing to do. One try, which the signal ends: never raises.
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
  const mark = formatNoteMark(note.app);
  const body = `${mark}\n\n${note.text}`;
  for (const iid of await findCandidates(client, access, note.mode)) {
    const found = await findNotes(client, iid, mark);
    if (note.mode === 'update-only' && !found.own && found.others.length === 0) continue;
    return putNote(client, found, body);
  }
}

/** The merge requests that may have the note: the one of the pipeline, or those of the branch. */
async function findCandidates(
  client: GitLabClient,
  { iid, branch }: MergeRequestAccess,
  mode: StickyNote['mode'],
): Promise<readonly number[]> {
  if (iid !== undefined) return [iid];
  const found = await client.listMergeRequests(branch, mode === 'write' ? 'open' : 'all');
  const open = found.filter(({ state }) => state === 'opened');
  // After a merge the stop job's branch has no open one any more.
  const rest = mode === 'update-only' ? found.filter(({ state }) => state !== 'opened') : [];
  return [...open, ...rest].slice(0, 3).map((one) => one.iid);
}

interface ExistingNotes {
  readonly iid: number;
  readonly own: Note | undefined;
  /** Those that may be one's own all the same, since a new token is a new user: of robots, or anybody's where nobody knows who one is. */
  readonly others: readonly Note[];
}

async function findNotes(client: GitLabClient, iid: number, mark: string): Promise<ExistingNotes> {
  const [id, notes] = await Promise.all([findOwnId(client), client.listNotes(iid)]);
  const marked = notes.filter(({ body }) => body.startsWith(mark));
  return {
    iid,
    own: marked.find(({ author }) => author.id === id),
    others: id === undefined ? marked : marked.filter(isBot),
  };
}

/** A token need not have the right to ask who it is. */
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

/** Project and group tokens act as users of such a name (GitLab: project access tokens, bot users). */
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

/** How the note of an app is known again: its first line, which GitLab does not show. */
export function formatNoteMark(app: string): string {
  return `<!-- dokku-deploy app=${app} -->`;
}
