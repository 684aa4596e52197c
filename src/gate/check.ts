import type { AppGrant, Grants } from './grants.ts';

/** What a job may do, as `gate check --format json` prints it. */
export interface CheckedIdentity {
  readonly project: string;
  readonly ref: string;
  readonly environment: string | null;
  readonly apps: readonly {
    readonly app: string;
    readonly may: AppGrant['kind'];
    readonly environment: string | null;
    readonly services: readonly string[];
    readonly loadsImages: boolean;
    readonly runsScripts: boolean;
    /** The declared settings that may be changed. */
    readonly settings: readonly string[];
    readonly domains: readonly string[];
  }[];
  readonly refusals: readonly string[];
}

/** Returns what a job may do, to be printed. */
export function describeGrants({ identity, apps, refusals }: Grants): CheckedIdentity {
  return {
    project: identity.projectPath,
    ref: identity.ref,
    environment: identity.environment ?? null,
    apps: [...apps.values()].map((grant) => ({
      app: grant.app,
      may: grant.kind,
      environment: grant.environment ?? null,
      services: [`*:${grant.app}-*`, ...grant.services].slice(grant.kind === 'source' ? 2 : 0),
      loadsImages: grant.loadsImages,
      runsScripts: grant.runsScripts,
      settings: [...grant.settings.names],
      domains: grant.settings.domains,
    })),
    refusals,
  };
}

const rights: Readonly<Record<AppGrant['kind'], string>> = {
  review: 'create, deploy and remove, if it is absent or has the marker of this project and ref',
  environment: 'create and deploy',
  source: 'read, to promote from it',
};

/** Formats what a job may do for people. */
export function formatGrants({ identity, apps, refusals, maxReviews }: Grants): string {
  const { projectPath, ref, refKind, isProtected, environment } = identity;
  const who = `${projectPath}, ${isProtected ? 'protected ' : ''}${refKind} ${ref}, ${environment === undefined ? 'no environment' : `environment ${environment}`}`;
  const grants = [...apps.values()].flatMap(({ app, kind, environment: name, runsScripts, settings }) => {
    const what = name === undefined ? 'review app' : name;
    const { names, domains } = settings;
    return [
      `  ${app} (${what}): ${rights[kind]}${runsScripts ? '; run scripts in its containers' : ''}`,
      ...(names.size > 0 ? [`    settings: ${[...names].join(', ')}`] : []),
      ...(domains.length > 0 ? [`    domains: ${domains.join(', ')}`] : []),
    ];
  });
  const max =
    maxReviews === undefined || apps.size === 0 ? [] : [`  at most ${maxReviews} review apps at once`];
  return [
    who,
    ...(grants.length > 0 ? grants : ['  nothing']),
    ...max,
    ...refusals.map((refusal) => `  not more, because ${refusal}`),
    '',
  ].join('\n');
}
