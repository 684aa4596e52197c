import type { MergeRequestAccess } from '../context/context.ts';
import type { Tried } from '../notify/delivery.ts';
import type { Secret } from '../secret.ts';
import { type GitLabClient, type Note, openGitLab } from './client.ts';
import { failureOf } from './refusals.ts';
import { GitLabRefusal } from './requester.ts';

/** What is to stand in the merge request of a review app. */
export interface StickyNote {
  readonly app: string;
  /** Markdown, without the mark. */
  readonly text: string;
  /** `update-only`: a merge request without a note gets none, and a closed one counts too. */
  readonly mode: 'write' | 'update-only';
}

const tokenInPieces: Tried = {
  kind: 'failed',
  reason: 'GITLAB_TOKEN has a blank or a line break in it: paste it again',
  again: false,
};

/**
 * Writes the one note of a review app into its merge request, in the place of the one that an earlier run wrote. Without a
 * merge request there is nothing to do. One try, which the signal ends: never raises.
 */
export async function writeStickyNote(
  access: MergeRequestAccess & { readonly token: Secret },
  note: StickyNote,
  signal: AbortSignal,
): Promise<Tried> {
  if (/\s/.test(access.token.reveal())) return tokenInPieces;
  try {
    await write(await openGitLab({ ...access, signal }), access, note);
    return { kind: 'delivered' };
  } catch (error) {
    return failureOf(error);
  }
}

async function write(client: GitLabClient, access: MergeRequestAccess, note: StickyNote): Promise<void> {
  const mark = noteMark(note.app);
  const body = `${mark}\n\n${note.text}`;
  for (const iid of await candidates(client, access, note.mode)) {
    const found = await look(client, iid, mark);
    if (note.mode === 'update-only' && !found.own && found.others.length === 0) continue;
    return put(client, found, body);
  }
}

/** The merge requests that may have the note: the one of the pipeline, or those of the branch. */
async function candidates(
  client: GitLabClient,
  { iid, branch }: MergeRequestAccess,
  mode: StickyNote['mode'],
): Promise<readonly number[]> {
  if (iid !== undefined) return [iid];
  const found = await client.mergeRequestsOf(branch, mode === 'write' ? 'open' : 'all');
  const open = found.filter(({ state }) => state === 'opened');
  // After a merge the stop job's branch has no open one any more.
  const rest = mode === 'update-only' ? found.filter(({ state }) => state !== 'opened') : [];
  return [...open, ...rest].slice(0, 3).map((one) => one.iid);
}

interface Found {
  readonly iid: number;
  readonly own: Note | undefined;
  /** Those that may be one's own all the same, since a new token is a new user: of robots, or anybody's where nobody knows who one is. */
  readonly others: readonly Note[];
}

async function look(client: GitLabClient, iid: number, mark: string): Promise<Found> {
  const [id, notes] = await Promise.all([ownId(client), client.notesOf(iid)]);
  const marked = notes.filter(({ body }) => body.startsWith(mark));
  return {
    iid,
    own: marked.find(({ author }) => author.id === id),
    others: id === undefined ? marked : marked.filter(isBot),
  };
}

/** A token need not have the right to ask who it is. */
async function ownId(client: GitLabClient): Promise<number | undefined> {
  try {
    return await client.ownId();
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof GitLabRefusal && (error.status === 403 || error.status === 404);
}

/** Project and group tokens act as users of such a name (GitLab: project access tokens, bot users). */
function isBot({ author }: Note): boolean {
  return /^(project|group)_\d+_bot/.test(author.username);
}

async function put(client: GitLabClient, { iid, own, others }: Found, body: string): Promise<void> {
  if (own?.body === body) return;
  if (own) return client.edit(iid, own.id, body);
  for (const other of others) if (await editOther(client, iid, other, body)) return;
  await client.create(iid, body);
}

async function editOther(client: GitLabClient, iid: number, { id }: Note, body: string): Promise<boolean> {
  try {
    await client.edit(iid, id, body);
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** How the note of an app is known again: its first line, which GitLab does not show. */
export function noteMark(app: string): string {
  return `<!-- dokku-deploy app=${app} -->`;
}
