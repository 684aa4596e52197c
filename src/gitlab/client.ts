import { z } from 'zod';
import type { Secret } from '../secret.ts';
import { createRequester, GitLabError } from './requester.ts';

/** A note of a merge request. */
export interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number; readonly username: string };
}

export interface MergeRequest {
  readonly iid: number;
  readonly state: string;
}

/** GitLab's API for the merge requests of one project. Each call throws what `createRequester` throws, and ZodError. */
export interface GitLabClient {
  /** Lists those of a branch, the newest first. Excludes forks, which may have a branch of the same name. */
  readonly listMergeRequests: (branch: string, which: 'open' | 'all') => Promise<readonly MergeRequest[]>;
  /** Lists its notes, the oldest first, without system notes. */
  readonly listNotes: (iid: number) => Promise<readonly Note[]>;
  /** Returns the id of the token's user. */
  readonly getCurrentUserId: () => Promise<number>;
  readonly createNote: (iid: number, body: string) => Promise<void>;
  readonly editNote: (iid: number, note: number, body: string) => Promise<void>;
  /** Does nothing if the note no longer exists. */
  readonly deleteNote: (iid: number, note: number) => Promise<void>;
}

const mergeRequestsSchema = z.array(
  z.object({ iid: z.number(), state: z.string(), source_project_id: z.number().nullish() }),
);

const notesSchema = z.array(
  z.object({
    id: z.number(),
    body: z.string(),
    system: z.boolean().optional(),
    author: z.object({ id: z.number(), username: z.string() }),
  }),
);

const idSchema = z.object({ id: z.number() });

/** A thousand notes at most: enough for any discussion. */
const pagination = { perPage: 100, maxPages: 10 };

/** Creates a client of GitLab's API. The signal aborts its requests. */
export async function createGitLabClient({
  server,
  project,
  token,
  signal,
}: {
  readonly server: string;
  readonly project: string;
  readonly token: Secret;
  readonly signal: AbortSignal;
}): Promise<GitLabClient> {
  const { MergeRequestNotes, MergeRequests, Users } = await import('@gitbeaker/rest');
  const options = { host: server, oauthToken: token.reveal(), requesterFn: createRequester(signal) };
  const api = {
    requests: new MergeRequests(options),
    notes: new MergeRequestNotes(options),
    users: new Users(options),
  };
  return {
    listMergeRequests: async (branch, which) => {
      const found = await api.requests.all({
        projectId: project,
        sourceBranch: branch,
        ...(which === 'open' && { state: 'opened' }),
        perPage: 20,
        maxPages: 1,
      });
      return mergeRequestsSchema
        .parse(found)
        .filter(({ source_project_id: from }) => from === undefined || String(from) === project)
        .sort((a, b) => b.iid - a.iid);
    },
    listNotes: async (iid) => {
      const found = await api.notes.all(project, iid, { sort: 'asc', orderBy: 'created_at', ...pagination });
      return notesSchema.parse(found).filter(({ system }) => system !== true);
    },
    getCurrentUserId: async () => idSchema.parse(await api.users.showCurrentUser()).id,
    createNote: async (iid, body) => {
      idSchema.parse(await api.notes.create(project, iid, body));
    },
    editNote: async (iid, note, body) => {
      idSchema.parse(await api.notes.edit(project, iid, note, { body }));
    },
    deleteNote: async (iid, note) => {
      try {
        await api.notes.remove(project, iid, note);
      } catch (error) {
        if (!(error instanceof GitLabError) || error.status !== 404) throw error;
      }
    },
  };
}
