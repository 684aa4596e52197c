/**
 * How a release came to be: by a deploy, by a rollback to the release of a number, or by a promotion from another app.
 */
export type ReleaseOrigin =
  | { readonly kind: 'deploy' }
  | { readonly kind: 'rollback'; readonly to: number }
  | { readonly kind: 'promote'; readonly from: string };

/** One deploy of an environment's app, and what became of it. */
export interface Release {
  /** Counts up from 1. */
  readonly number: number;
  /** The commit, full id. */
  readonly commit: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committedAt: string | undefined;
  /** What the host built: the snapshot's id, or with the whole history the commit's. */
  readonly revision: string | undefined;
  /** The image that was deployed, by the name that the host got. Its revision is a commit of Dokku's own. */
  readonly image?: string | undefined;
  /** When its deploy ended, ISO 8601 in UTC. */
  readonly at: string | undefined;
  /** `deployed`, or the error code with which the deploy ended. */
  readonly outcome: string;
  readonly origin: ReleaseOrigin;
  /** The scripts of app.json and the Procfile that the deploy ran; undefined if that is not known. */
  readonly scripts: readonly string[] | undefined;
  /** The page of the job. */
  readonly job: string | undefined;
  /** Who started the job. */
  readonly user: string | undefined;
}

/** How many releases an app keeps, and the most characters that they take. */
export const releaseLimits = { count: 10, size: 8_000 } as const;

/** The most characters of a field: each takes up to nine in the list. A truncated URL or image name is useless, so a longer one is left out. */
const maxLength = { name: 40, id: 64, time: 32, url: 200 } as const;

/**
 * Formats the releases of an app, the newest first, as a value of its configuration. In URL form it contains no quote,
 * backslash, space or line break, none of which Dokku stores safely in all places. What exceeds the limits is left out: failed
 * deploys first, then those of a version that a newer release has, then the oldest.
 */
export function formatReleases(app: string, releases: readonly Release[]): string {
  let kept = keepNewest(releases);
  const format = () => [formatHeader(app), ...kept.map(formatRelease)].join(';');
  while (kept.length > 1 && format().length > releaseLimits.size) kept = dropOne(kept);
  return format();
}

function keepNewest(releases: readonly Release[]): readonly Release[] {
  let kept: readonly Release[] = releases.toSorted((one, other) => other.number - one.number);
  while (kept.length > releaseLimits.count) kept = dropOne(kept);
  return kept;
}

/** Drops the least useful release, never the newest one. A rollback to a dropped rollback then goes to the target of that rollback. */
function dropOne(releases: readonly Release[]): readonly Release[] {
  const failed = releases.findLastIndex((release, index) => index > 0 && !canReturnTo(release));
  const repeated = releases.findLastIndex((release, index) => isRepeated(release, releases.slice(0, index)));
  const dropped = releases[[failed, repeated].find((index) => index !== -1) ?? releases.length - 1];
  return releases.flatMap((release) => {
    if (release === dropped) return [];
    const leadsToDropped = release.origin.kind === 'rollback' && release.origin.to === dropped?.number;
    return leadsToDropped && dropped.origin.kind === 'rollback'
      ? [{ ...release, origin: dropped.origin }]
      : [release];
  });
}

/** Whether a newer release has the same version, so that a rollback can go to that one. */
function isRepeated({ commit, revision, image }: Release, newer: readonly Release[]): boolean {
  return newer.some(
    (release) =>
      canReturnTo(release) &&
      release.commit === commit &&
      release.revision === revision &&
      release.image === image,
  );
}

/** Whether a rollback can go to a release: it was deployed with success. */
export function canReturnTo({ outcome, revision }: Release): boolean {
  return outcome === 'deployed' && revision !== undefined;
}

function formatHeader(app: string): string {
  return new URLSearchParams({ format: 'v1', app }).toString();
}

function formatRelease(release: Release): string {
  const { number, commit, committedAt, revision, image, at, outcome, origin, scripts, job, user } = release;
  const cut = (text: string | undefined, length: number) =>
    text === undefined ? undefined : [...text.toWellFormed()].slice(0, length).join('');
  const fields = {
    n: String(number),
    commit: cut(commit, maxLength.id),
    revision: cut(revision, maxLength.id),
    image: image !== undefined && image.length <= maxLength.url ? image : undefined,
    committed: cut(committedAt, maxLength.time),
    at: cut(at, maxLength.time),
    outcome: cut(outcome, maxLength.name),
    origin: cut(formatOrigin(origin), 2 * maxLength.name),
    scripts: cut(scripts?.join(','), 2 * maxLength.name),
    job: job !== undefined && job.length <= maxLength.url ? job : undefined,
    user: cut(user, maxLength.name),
  };
  const known = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(known).toString();
}

function formatOrigin(origin: ReleaseOrigin): string | undefined {
  if (origin.kind === 'rollback') return `rollback:${origin.to}`;
  return origin.kind === 'promote' ? `promote:${origin.from}` : undefined;
}

/**
 * Returns the releases of an app from its configuration, the newest first. What `formatReleases` would not write for this app
 * is ignored: a list of a later format, written by hand, cut off, or copied from another app.
 */
export function parseReleases(app: string, value: string | undefined): readonly Release[] {
  const [header, ...entries] = (value ?? '').split(';');
  if (header !== formatHeader(app)) return [];
  return keepNewest(entries.flatMap((entry) => parseRelease(entry) ?? []));
}

/** Whether an app has a list of releases that `parseReleases` ignores, in whole or in part. */
export function hasUnreadableReleases(app: string, value: string | undefined): boolean {
  if (value === undefined || value === '') return false;
  const [header, ...entries] = value.split(';');
  return header !== formatHeader(app) || entries.some((entry) => parseRelease(entry) === undefined);
}

function parseRelease(entry: string): Release | undefined {
  const fields = new URLSearchParams(entry);
  const read = (name: string) => fields.get(name) ?? undefined;
  const origin = parseOrigin(read('origin'));
  const number = Number(read('n'));
  if (origin === undefined || !Number.isSafeInteger(number) || number < 1) return undefined;
  const scripts = read('scripts');
  const image = read('image');
  const release: Release = {
    number,
    commit: read('commit') ?? '',
    committedAt: read('committed'),
    revision: read('revision'),
    ...(image === undefined ? {} : { image }),
    at: read('at'),
    outcome: read('outcome') ?? '',
    origin,
    scripts: scripts === '' ? [] : scripts?.split(','),
    job: read('job'),
    user: read('user'),
  };
  return formatRelease(release) === entry ? release : undefined;
}

function parseOrigin(text: string | undefined): ReleaseOrigin | undefined {
  if (text === undefined) return { kind: 'deploy' };
  const [, kind, value = ''] = /^(rollback|promote):(.*)$/s.exec(text) ?? [];
  if (kind === 'promote') return { kind, from: value };
  return kind === 'rollback' && /^\d{1,15}$/.test(value) ? { kind, to: Number(value) } : undefined;
}

/** Returns the releases with a new one, which gets the next number. */
export function addRelease(
  releases: readonly Release[],
  release: Omit<Release, 'number'>,
): readonly Release[] {
  const last = Math.max(0, ...releases.map(({ number }) => number));
  return [{ ...release, number: last + 1 }, ...releases];
}

/** Whether the deploy of a release left its version running. */
export function hasRun({ outcome }: Release): boolean {
  return ['deployed', 'not-serving', 'postdeploy-failed'].includes(outcome);
}

/**
 * Returns the release that runs: the newest one that was started, if the host's last successful deploy is of its revision.
 * After a failed postdeploy script the host still names the version before. Undefined if something else was deployed since.
 */
export function findRunningRelease(
  releases: readonly Release[],
  revision: string | undefined,
): Release | undefined {
  const newest = releases.find(hasRun);
  if (newest === undefined || revision === undefined || newest.outcome === 'postdeploy-failed') return newest;
  return hostRevision(newest) === revision ? newest : undefined;
}

/** Returns the host's own name for what a release deployed: an image's name, or a commit's id. */
export function hostRevision({ image, revision }: Pick<Release, 'image' | 'revision'>): string | undefined {
  return image ?? revision;
}
