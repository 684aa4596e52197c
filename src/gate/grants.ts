import { plugins } from '../context/addons.ts';
import { matchesGlob } from '../context/glob.ts';
import { deriveServiceName } from '../context/name-rules.ts';
import type { Identity } from './identity.ts';
import type { Policy } from './policy.ts';
import type { EnvironmentPolicy, PolicyFile, ProjectPolicy, ReviewPolicy } from './policy-schema.ts';
import { nameReviewApps } from './review-names.ts';
import { grantSettings, noSettings, type SettingGrants } from './setting-grants.ts';

/** One app that a job may use. `source`: it may only be read, to promote what runs in it. */
export interface AppGrant {
  readonly app: string;
  readonly kind: 'review' | 'environment' | 'source';
  /** The environment that it is the app of. */
  readonly environment: string | undefined;
  /** Services with other names than the default ones: `plugin:name`. */
  readonly services: ReadonlySet<string>;
  /** Services that are declared for environments: none is the app's because of its name. */
  readonly foreignServices: ReadonlySet<string>;
  readonly loadsImages: boolean;
  /** Whether scripts may run in its one-off containers. */
  readonly runsScripts: boolean;
  /** Which of its declared settings may be changed. */
  readonly settings: SettingGrants;
}

/** What a job may do. */
export interface Grants {
  readonly identity: Identity;
  /** By the app's name. */
  readonly apps: ReadonlyMap<string, AppGrant>;
  /** The service plugins of the host. */
  readonly plugins: ReadonlySet<string>;
  readonly appsFolder: string;
  /** How many review apps the project may have. */
  readonly maxReviews: number | undefined;
  /** The domains that the policy lists for one environment: the app of each. */
  readonly reservedDomains: ReadonlyMap<string, string>;
  /** Why the job may not do more: one sentence for each rule that does not apply to it. */
  readonly refusals: readonly string[];
}

/** Returns what a policy allows to a job. */
export function findGrants(policy: Policy, identity: Identity): Grants {
  const project = findProject(policy, identity);
  const refusals: string[] = [];
  const apps = new Map<string, AppGrant>();
  if (!project) refusals.push(`the policy does not name the project ${identity.projectPath}`);
  else {
    for (const grant of environmentGrants(project, identity, refusals)) apps.set(grant.app, grant);
    const reserved = new Set(policy.projects.flatMap(listEnvironmentApps));
    const reservedServices = new Set(policy.projects.flatMap(listEnvironmentServices));
    const reservedNames = new Set(policy.projects.flatMap(listEnvironmentNames));
    const rules = { reserved, reservedServices, reservedNames, refusals };
    for (const grant of reviewGrants(project, identity, rules)) apps.set(grant.app, grant);
  }
  return {
    identity,
    apps,
    // None of Dokku's own service plugins has the name of a plugin of the core.
    plugins: new Set([...plugins, ...(policy.service_plugins ?? [])]),
    appsFolder: policy.host.apps_folder ?? '/home/dokku',
    maxReviews: project?.review?.max,
    reservedDomains: new Map(policy.projects.flatMap(listEnvironmentDomains)),
    refusals,
  };
}

/** A path can be taken over by another project after a rename: where both sides have an id, it decides. */
function findProject(
  { projects }: PolicyFile,
  { projectId, projectPath }: Identity,
): ProjectPolicy | undefined {
  return projects.find(({ id, path }) =>
    id === undefined ? path === projectPath : String(id) === projectId,
  );
}

function environmentGrants(
  { environments = {} }: ProjectPolicy,
  identity: Identity,
  refusals: string[],
): AppGrant[] {
  const { environment: name } = identity;
  if (name === undefined) {
    if (Object.keys(environments).length > 0) refusals.push('the job has no environment');
    return [];
  }
  const rule = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (!rule) {
    refusals.push(`the policy does not name the environment ${name}`);
    return [];
  }
  const refusal = findRefusal(rule, identity);
  if (refusal !== undefined) {
    refusals.push(`${name} takes ${refusal}`);
    return [];
  }
  const sources = (rule.from ?? []).flatMap((from): AppGrant[] => {
    const app = environments[from]?.app;
    return app === undefined || app === rule.app
      ? []
      : [
          {
            app,
            kind: 'source',
            environment: from,
            services: none,
            foreignServices: none,
            loadsImages: false,
            runsScripts: false,
            settings: noSettings,
          },
        ];
  });
  return [
    ...sources,
    {
      app: rule.app,
      kind: 'environment',
      environment: name,
      services: expandServices(rule.services, rule.app),
      foreignServices: none,
      loadsImages: rule.load_images === true,
      runsScripts: false,
      settings: grantSettings(rule, rule.app),
    },
  ];
}

const none: ReadonlySet<string> = new Set();

/** Returns what a job of the environment must have, and this one lacks. */
function findRefusal(rule: EnvironmentPolicy, { ref, refKind, isProtected }: Identity): string | undefined {
  // Its branch may be one of a fork.
  if (refKind === 'merge request') return 'jobs of branches and tags only';
  if (rule.protected && !isProtected) return 'jobs of protected branches and tags only';
  if (rule.any_ref || (rule.ref === undefined && rule.tag === undefined)) return undefined;
  if (refKind === 'branch' && matchesAny(rule.ref, ref)) return undefined;
  if (refKind === 'tag' && matchesAny(rule.tag, ref)) return undefined;
  return `jobs of ${[...toList(rule.ref), ...toList(rule.tag).map((tag) => `the tag ${tag}`)].join(', ')} only`;
}

function matchesAny(patterns: string | readonly string[] | undefined, ref: string): boolean {
  return toList(patterns).some((pattern) => matchesGlob(pattern, ref));
}

function toList(patterns: string | readonly string[] | undefined): readonly string[] {
  return typeof patterns === 'string' ? [patterns] : (patterns ?? []);
}

function expandServices(labels: readonly string[] | undefined, app: string): ReadonlySet<string> {
  const expanded = (labels ?? []).map((label) => {
    const [plugin = '', name = ''] = label.split(':');
    return `${plugin}:${deriveServiceName(name.replaceAll('$APP', app), '', plugin)}`;
  });
  return new Set(expanded);
}

function listEnvironmentApps({ environments = {} }: ProjectPolicy): string[] {
  return Object.values(environments).map(({ app }) => app);
}

function listEnvironmentServices({ environments = {} }: ProjectPolicy): string[] {
  return Object.values(environments).flatMap(({ app, services }) => [...expandServices(services, app)]);
}

/** A pattern reserves nothing: it may be one for several apps. */
function listEnvironmentDomains({ environments = {} }: ProjectPolicy): [domain: string, app: string][] {
  return Object.values(environments).flatMap((rule) =>
    grantSettings(rule, rule.app)
      .domains.filter((domain) => !domain.includes('*'))
      .map((domain): [string, string] => [domain, rule.app]),
  );
}

function listEnvironmentNames({ environments = {} }: ProjectPolicy): string[] {
  return Object.values(environments).flatMap((rule) => {
    const { storage, networks } = grantSettings(rule, rule.app);
    return [...storage, ...networks];
  });
}

interface ReviewRules {
  /** The apps of environments, of all projects: none is a review app. */
  readonly reserved: ReadonlySet<string>;
  /** Their declared services. */
  readonly reservedServices: ReadonlySet<string>;
  /** Their storage and networks. */
  readonly reservedNames: ReadonlySet<string>;
  readonly refusals: string[];
}

/** Every name that this tool may give to the ref's review app: an earlier run may have given another one than this. */
function reviewGrants(
  { path, review, inside }: ProjectPolicy,
  identity: Identity,
  { reserved, reservedServices, reservedNames, refusals }: ReviewRules,
): AppGrant[] {
  if (!review) return [];
  const refusal = findReviewRefusal(review, identity);
  if (refusal !== undefined) {
    refusals.push(`review apps are for ${refusal}`);
    return [];
  }
  const { names, problems } = nameReviewApps(path, review, identity, reserved);
  if (problems.length > 0) {
    refusals.push(
      `review.name of the policy makes no name: ${problems.map(({ message }) => message).join('; ')}`,
    );
    return [];
  }
  return names
    .filter((app) => !reserved.has(app))
    .map((app) => ({
      app,
      kind: 'review',
      environment: undefined,
      services: expandServices(review.services, app),
      foreignServices: reservedServices,
      loadsImages: review.load_images === true,
      runsScripts: inside?.includes('review') === true,
      settings: grantSettings(review, app, reservedNames),
    }));
}

function findReviewRefusal(review: ReviewPolicy, { ref, refKind }: Identity): string | undefined {
  if (refKind === 'merge request' && !review.merge_requests)
    return 'branches and tags, not for merge request pipelines (merge_requests: true)';
  if (review.any_ref || matchesAny(review.refs, ref)) return undefined;
  return `jobs of ${toList(review.refs).join(', ')} only`;
}
