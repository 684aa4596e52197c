import type { MergeRequestAccess } from '../context/context.ts';
import { longestDelivery, type Tried } from '../delivery.ts';
import type { Secret } from '../secret.ts';
import { type GitLabClient, type Note, openGitLab } from './client.ts';
import { failureOf, statusOf } from './refusals.ts';

/** How the note of an app is known again: its first line, which GitLab does not show. */
export const noteMark = (app: string): string => `<!-- dokku-deploy app=${app} -->`;

/** What is to stand in the merge request of a review app. */
export interface StickyNote {
  readonly app: string;
  /** Markdown, without the mark. */
  readonly text: string;
  /** `update-only`: a merge request without a note gets none, and a closed one counts too. */
  readonly mode: 'write' | 'update-only';
}

/** Project and group tokens act as users of such a name (GitLab: project access tokens, bot users). */
const isBot = ({ author }: Note): boolean => /^(project|group)_\d+_bot/.test(author.username);

interface Found {
  readonly iid: number;
  /** One's own, and else another robot's: a new token is a new user. */
  readonly own: Note | undefined;
  readonly other: Note | undefined;
}

const look = async (client: GitLabClient, iid: number, mark: string): Promise<Found> => {
  const me = client.ownId().catch(() => undefined);
  const marked = (await client.notesOf(iid)).filter(({ body }) => body.startsWith(mark));
  const id = await me;
  return {
    iid,
    own: marked.find(({ author }) => id === undefined || author.id === id),
    other: marked.find(isBot),
  };
};

/** The merge requests that may have the note: the one of the pipeline, or those of the branch. */
const candidates = async (
  client: GitLabClient,
  { iid, branch }: MergeRequestAccess,
  mode: StickyNote['mode'],
): Promise<readonly number[]> => {
  if (iid !== undefined) return [iid];
  const found = await client.mergeRequestsOf(branch);
  const open = found.filter(({ state }) => state === 'opened');
  // After a merge the stop job's branch has no open one any more.
  const rest = mode === 'update-only' ? found.filter(({ state }) => state !== 'opened') : [];
  return [...open, ...rest].slice(0, 3).map((one) => one.iid);
};

const editOther = async (client: GitLabClient, iid: number, { id }: Note, body: string): Promise<boolean> => {
  try {
    await client.edit(iid, id, body);
    return true;
  } catch (error) {
    if (statusOf(error) === 403 || statusOf(error) === 404) return false;
    throw error;
  }
};

const put = async (client: GitLabClient, { iid, own, other }: Found, body: string): Promise<void> => {
  if (own?.body === body) return;
  if (own) return client.edit(iid, own.id, body);
  if (other && (await editOther(client, iid, other, body))) return;
  await client.create(iid, body);
};

const write = async (client: GitLabClient, access: MergeRequestAccess, note: StickyNote): Promise<void> => {
  const mark = noteMark(note.app);
  const body = `${mark}\n\n${note.text}`;
  for (const iid of await candidates(client, access, note.mode)) {
    const found = await look(client, iid, mark);
    if (note.mode === 'update-only' && !found.own && !found.other) continue;
    return put(client, found, body);
  }
};

/**
 * Writes the one note of a review app into its merge request, in the place of the one that an earlier run wrote. Without a
 * merge request there is nothing to do. One try: never raises.
 */
export const writeStickyNote = async (
  access: MergeRequestAccess & { readonly token: Secret },
  note: StickyNote,
): Promise<Tried> => {
  try {
    await write(await openGitLab({ ...access, patience: longestDelivery / 2 }), access, note);
    return { kind: 'delivered' };
  } catch (error) {
    return failureOf(error);
  }
};
