import type { Grants } from './grants.ts';
import type { Identity } from './identity.ts';
import type { AllowedCommand } from './judge.ts';
import {
  type AskHost,
  findOwnership,
  listReviewApps,
  type Ownership,
  type ReviewOwner,
} from './ownership.ts';

/** Decides what depends on the state of the host: whose a review app is, and how many the project has. */
export interface ReviewGuard {
  /** Returns why a command is refused. Throws what `ask` throws. */
  readonly check: (command: AllowedCommand, grants: Grants, ask: AskHost) => Promise<string | undefined>;
  /** Says that an app is being removed, until the returned function is called: what was known about it counts no more. */
  readonly startRemoval: (app: string) => () => void;
}

/** Creates the guard. `now`: milliseconds since the epoch. */
export function createReviewGuard(now: () => number): ReviewGuard {
  const owners = new OwnerCache(now);
  const started = new Map<string, Set<string>>();
  return {
    check: async ({ grant, effect }, grants, ask) => {
      if (grant?.kind !== 'review') return undefined;
      const ownership = await owners.find(grant.app, grants, ask);
      if (typeof ownership === 'object')
        return `${grant.app} is not an app of this job: ${ownership.foreign}`;
      return ownership === 'absent' && effect === 'create'
        ? checkNumber(grant.app, { grants, ask, started })
        : undefined;
    },
    startRemoval: (app) => owners.startRemoval(app),
  };
}

/** Milliseconds for which an app that is the job's own stays so. Anything else is asked again for each command. */
const lifetime = 3_000;

class OwnerCache {
  readonly #now: () => number;
  readonly #known = new Map<
    string,
    { readonly app: string; readonly ownership: Promise<Ownership>; until: number }
  >();
  readonly #removals = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  find(app: string, { identity }: Grants, ask: AskHost): Promise<Ownership> {
    const owner = toOwner(identity);
    const key = JSON.stringify([app, owner]);
    const found = this.#known.get(key);
    if (found && found.until > this.#now()) return found.ownership;
    const ownership = findOwnership(app, owner, ask);
    // Questions that are asked in parallel share one answer.
    const entry = { app, ownership, until: Number.POSITIVE_INFINITY };
    this.#known.set(key, entry);
    const settle = (isOwn: boolean): void => {
      const isKept = isOwn && !this.#removals.has(app) && this.#known.get(key) === entry;
      if (isKept) entry.until = this.#now() + lifetime;
      else if (this.#known.get(key) === entry) this.#known.delete(key);
    };
    ownership.then(
      (result) => settle(result === 'own'),
      () => settle(false),
    );
    return ownership;
  }

  startRemoval(app: string): () => void {
    this.#removals.set(app, (this.#removals.get(app) ?? 0) + 1);
    this.#forget(app);
    return () => {
      const left = (this.#removals.get(app) ?? 1) - 1;
      if (left === 0) this.#removals.delete(app);
      else this.#removals.set(app, left);
      this.#forget(app);
    };
  }

  #forget(app: string): void {
    for (const [key, entry] of this.#known) if (entry.app === app) this.#known.delete(key);
  }
}

function toOwner({ projectId, projectPath, ref }: Identity): ReviewOwner {
  return { project: { id: projectId, path: projectPath }, ref };
}

interface NumberCheck {
  readonly grants: Grants;
  readonly ask: AskHost;
  /** The apps of each project whose creation was allowed, and which have no mark yet. */
  readonly started: Map<string, Set<string>>;
}

async function checkNumber(app: string, { grants, ask, started }: NumberCheck): Promise<string | undefined> {
  const { maxReviews, identity } = grants;
  if (maxReviews === undefined) return undefined;
  const key = identity.projectId ?? identity.projectPath;
  const unmarked = (started.get(key) ?? new Set<string>()).add(app);
  started.set(key, unmarked);
  const marked = await listReviewApps(toOwner(identity).project, ask);
  for (const name of marked) if (name !== app) unmarked.delete(name);
  const others = new Set([...marked, ...unmarked]);
  others.delete(app);
  if (others.size < maxReviews) return undefined;
  unmarked.delete(app);
  return `the project has ${others.size} review apps, and the policy allows ${maxReviews}`;
}
