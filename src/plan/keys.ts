/** The configuration key that records the project and branch of a review app. */
export const markerKey = 'DOKKU_DEPLOY_REVIEW';

/** The configuration key that records the project and environment that `deploy` deploys to an app. */
export const ownerKey = 'DOKKU_DEPLOY_OWNER';

/** The configuration key that lists the services made for an environment's app. It never permits destroying anything. */
export const servicesKey = 'DOKKU_DEPLOY_SERVICES';

/** The configuration key for the job's commit; Dokku's own GIT_REV holds the snapshot's id. */
export const commitKey = 'DOKKU_DEPLOY_COMMIT';

/** The configuration key for that commit's date (ISO 8601, UTC), for where git cannot tell which commit is older. */
export const committedAtKey = 'DOKKU_DEPLOY_COMMITTED_AT';

/** The configuration key for what the host deployed for that commit: the snapshot's id. A record of another one is out of date. */
export const revisionKey = 'DOKKU_DEPLOY_REVISION';

/** The configuration key for the URL that the app was deployed under. */
export const urlKey = 'DOKKU_DEPLOY_URL';

/** The configuration key for what that snapshot was made from: the next push is small where the job can find it again. */
export const baseKey = 'DOKKU_DEPLOY_BASE';

/** The keys that record a deploy; all are written together. */
export const recordKeys = [commitKey, committedAtKey, revisionKey, urlKey, baseKey] as const;

/** The configuration key that lists the last releases of an environment's app. */
export const releasesKey = 'DOKKU_DEPLOY_RELEASES';

/** The configuration key that holds the lock of an environment's app. */
export const lockKey = 'DOKKU_DEPLOY_LOCK';

/** The configuration key that lists the keys that came from `env`: one that leaves `env` leaves the app too. */
export const keysKey = 'DOKKU_DEPLOY_KEYS';

/** The configuration key that records which settings were declared: one that is no longer declared goes back to the default. */
export const settingsKey = 'DOKKU_DEPLOY_SETTINGS';

/**
 * The configuration key that a changed configuration of a deployed app sets until a deploy has started the app with it: the next
 * run finds nothing to change any more, and must not skip its deploy.
 */
export const pendingKey = 'DOKKU_DEPLOY_PENDING';

/** The configuration key in which an operator names the keys of an app that other apps may inherit. This tool never writes it. */
export const inheritableKey = 'DOKKU_DEPLOY_INHERITABLE';

const internalKeys: readonly string[] = [
  ...[markerKey, ownerKey, servicesKey, keysKey, lockKey, settingsKey, pendingKey, inheritableKey],
  ...recordKeys,
  releasesKey,
];

/** Whether this tool keeps its own records under the key; all others are the user's settings. */
export function isInternalKey(key: string): boolean {
  return internalKeys.includes(key);
}
