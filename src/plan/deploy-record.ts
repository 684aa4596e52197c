import { type ConfigWrite, configWrite } from './config-write.ts';
import { baseKey, commitKey, committedAtKey, recordKeys, releasesKey, revisionKey, urlKey } from './keys.ts';
import {
  addRelease,
  formatReleases,
  hasUnreadableReleases,
  parseReleases,
  type Release,
} from './releases.ts';

/** What an app's configuration records about its last successful deploy. It is written after the deploy. */
export interface DeployRecord {
  /** The job's commit, full id. */
  readonly commit: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committedAt: string | undefined;
  /** What the host deployed for it: the snapshot's id, or with the whole history the commit's. */
  readonly revision: string | undefined;
  /** The image that was deployed, by the name that the host got. Its revision is a commit of Dokku's own. */
  readonly image?: string | undefined;
  readonly url: string | undefined;
  /** What the snapshot was made from, as `source` writes it. */
  readonly base?: string | undefined;
}

/** What runs in an app. */
export interface RunningVersion {
  /** The host's own name for its last successful deploy: a commit's id, or an image's name. Undefined if there was none. */
  readonly revision: string | undefined;
  /** What was tried last, with or without success (GIT_REV); undefined if the host does not report it. */
  readonly attempted: string | undefined;
  /** Undefined if nothing is recorded about that revision, for example because a run was killed before it could. */
  readonly record: DeployRecord | undefined;
}

/** Returns what runs in the app, according to the host. A record counts only if it is about the revision that the host names. */
export function findRunningVersion(
  config: ReadonlyMap<string, string>,
  revision: string | undefined,
): RunningVersion {
  const record = readRecord(config);
  // GIT_REV names the last attempt. Up to version 1.0.0 the record had no revision and was written before the deploy.
  const recorded = record?.image ?? record?.revision ?? config.get('GIT_REV');
  const isCurrent = revision === undefined || recorded === undefined || recorded === revision;
  return { revision, attempted: config.get('GIT_REV'), record: isCurrent ? record : undefined };
}

/**
 * Returns the releases of an app from its configuration, the newest first. A record that the list lacks, which versions before
 * 1.1 wrote alone, counts as the newest release.
 */
export function readReleases(app: string, config: ReadonlyMap<string, string>): readonly Release[] {
  const releases = parseReleases(app, config.get(releasesKey));
  const record = readRecord(config);
  const listed = releases.find(({ outcome }) => outcome === 'deployed' || outcome === 'not-serving');
  const isListed = listed?.commit === record?.commit && listed?.revision === record?.revision;
  if (record === undefined || isListed) return releases;
  return addRelease(releases, {
    ...{ commit: record.commit, committedAt: record.committedAt },
    ...{ revision: record.revision, image: record.image },
    ...{ at: undefined, outcome: 'deployed', origin: { kind: 'deploy' } },
    ...{ scripts: undefined, job: undefined, user: undefined },
  });
}

/** Returns a warning, as a sentence, if the list of an app's releases cannot be read in whole, or none. */
export function describeUnreadableReleases(app: string, config: ReadonlyMap<string, string>): string[] {
  if (!hasUnreadableReleases(app, config.get(releasesKey))) return [];
  return [
    `the releases of ${app} cannot all be read (${releasesKey}): another version wrote them, or someone changed them; the next deploy replaces what is unreadable`,
  ];
}

function readRecord(config: ReadonlyMap<string, string>): DeployRecord | undefined {
  const commit = config.get(commitKey);
  if (commit === undefined) return undefined;
  return {
    commit,
    committedAt: config.get(committedAtKey) || undefined,
    ...parseRevision(config.get(revisionKey) ?? ''),
    url: config.get(urlKey) || undefined,
    base: config.get(baseKey) || undefined,
  };
}

/** `IMAGE#COMMIT` for an image, in one value so that no write can leave one of another deploy. */
function parseRevision(text: string): Pick<DeployRecord, 'revision' | 'image'> {
  const [, image, commit = ''] = /^(?:(.+)#)?([^#]*)$/.exec(text) ?? [];
  const revision = commit === '' ? undefined : commit;
  return image === undefined ? { revision } : { revision, image };
}

/**
 * Returns the write of a record, and of an app's releases if they are kept. What is not known is written as an empty value, so
 * that no older one remains.
 */
export function recordWrite(
  app: string,
  record: DeployRecord,
  releases?: readonly Release[] | undefined,
  more: Readonly<Record<string, string>> = {},
): ConfigWrite {
  const { commit, committedAt, url, base } = record;
  const values = [commit, committedAt, formatRevision(record), url, base];
  const written = Object.fromEntries(recordKeys.map((key, index) => [key, values[index] ?? '']));
  const config = { ...written, ...more };
  return configWrite(app, releases ? { ...config, [releasesKey]: formatReleases(app, releases) } : config);
}

function formatRevision({ revision = '', image }: DeployRecord): string {
  return image === undefined ? revision : `${image}#${revision}`;
}

/** Returns the write of an app's releases alone. */
export function releasesWrite(app: string, releases: readonly Release[]): ConfigWrite {
  return configWrite(app, { [releasesKey]: formatReleases(app, releases) });
}

/** The write of a record as a plan shows it, before its values are known. */
export function plannedRecordWrite(app: string, keepsReleases: boolean): ConfigWrite {
  const record = { commit: '', committedAt: undefined, revision: undefined, url: undefined };
  return recordWrite(app, record, keepsReleases ? [] : undefined);
}

/** Whether two records say the same, whatever the snapshot was made from: that is of use for the next push only. */
export function isSameRecord(one: DeployRecord, other: DeployRecord | undefined): boolean {
  return (
    one.commit === other?.commit &&
    one.committedAt === other.committedAt &&
    one.revision === other.revision &&
    one.image === other.image &&
    one.url === other.url
  );
}
