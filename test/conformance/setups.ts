/** A command with its stdin, or a git push by the name of its local step. */
export type Setup =
  | readonly [line: string, stdin?: string]
  | GitPush
  | SyncedCommit
  | Background
  | WebRequest;

export interface GitPush {
  readonly app: string;
  readonly step: string;
}

/** A command that runs on while the next records are replayed, and the app that it builds, if any. */
export interface Background {
  readonly background: string;
  readonly app?: string;
}

/** A request to an app by its host name. */
export interface WebRequest {
  readonly request: string;
  readonly name: string;
}

/** A new commit in the repository that the recorder synced. */
export interface SyncedCommit {
  readonly synced: string;
}

// The apps and services of the recorder's first trials existed during all groups.
const smoke: readonly Setup[] = [
  ...apps('smoke'),
  ['mysql:create smoke-database'],
  ['postgres:create smoke_pg'],
  ['redis:create smoke-redis'],
];

// Apps and services that existed on the host of the second recording.
const others: readonly Setup[] = [
  ...apps('hello-world', 'perf-c1', 'perf-o1', 'perf-o2', 'project'),
  ['mysql:create hello-world-database'],
  ['mysql:create project-database'],
];

// Later, two of them were deployed, and the others gone.
const deployedOthers: readonly Setup[] = [
  ...apps('hello-world', 'project'),
  ['mysql:create hello-world-database'],
  ['mysql:create project-database'],
  ['mysql:link hello-world-database hello-world --no-restart'],
  ['mysql:link project-database project --no-restart'],
  { app: 'hello-world', step: 'hello-world' },
  { app: 'project', step: 'project' },
];

/** The state of the recorded host before each group, as far as the group's records depend on it. */
export const setups: Readonly<Record<string, readonly Setup[]>> = {
  basic: [...smoke, ...apps('g-auto', 'g-full', 'g-hc', 'g-none', 'l-app', 'nosuch')],
  apps: [...smoke, ...apps('g-auto', 'g-full', 'g-hc', 'g-none', 'l-app', 'nosuch')],
  config: apps('t-cfg'),
  services: [...smoke, ...apps('s-app', 's-app2')],
  ssh: [...smoke, ...shipped('smoke'), ...apps('g-auto', 'g-none', 'q-app')],
  ops: [...smoke, ...shipped('smoke'), ...deployedApp('o-arc'), ...apps('o-new')],
  git: [...smoke, ...shipped('smoke')],
  'deploy-other': [
    ...smoke,
    ...apps('o-arc', 'o-img', 'o-sync', 'o-load'),
    ['git:load-image o-load labimg/web:1', '<docker save of two>'],
    ['apps:destroy o-load --force'],
  ],
  domains: others,
  tls: others,
  ship: [...others, ...loaded('<docker save of r-img:1 and r-img:2>')],
  day2: deployedOthers,
  'lock-3': others,
  'services-2': [...others, ['mysql:create again-one-database']],
  'timing-2': [...deployedOthers, ...retiring('r-q'), { app: 'r-q', step: 'timing-2-before-017' }],
};

function apps(...names: readonly string[]): Setup[] {
  return names.map((name) => [`apps:create ${name}`]);
}

function shipped(name: string): Setup[] {
  return [[`git:from-archive --archive-type tar.gz ${name} --`, '<tar.gz>']];
}

/** Returns SQL for rows that the recorder inserted while it cloned a service. */
function createRows(from: number, to: number): string {
  const rows = Array.from({ length: to - from }, (_, index) => `(${from + index + 1})`).join(',');
  return `create table if not exists w (id int primary key); insert into w values ${rows};`;
}

/** Creates apps whose old containers stop after a second. */
function retiring(...names: readonly string[]): Setup[] {
  return [...apps(...names), ...names.map((name): Setup => [`checks:set ${name} wait-to-retire 1`])];
}

/** Loads images into the host without deploying one. */
function loaded(images: string): Setup[] {
  return [...apps('r-load'), ['git:load-image r-load r-img:none', images], ['apps:destroy r-load --force']];
}

// The image that the recorder's apps were built on.
const loadedBase: readonly Setup[] = loaded('<docker save r-base:1>');

function deployedApp(name: string): Setup[] {
  return [...apps(name), ...shipped(name)];
}

/** Commands to run before a record, because those recorded before it are not in the file. */
export const between: Readonly<Record<string, readonly Setup[]>> = {
  'ops-151': [
    ['proxy:enable o-arc'],
    ['domains:reset o-arc'],
    ['ports:clear o-arc'],
    ['config:set o-arc RESTARTED=1'],
  ],
  'ops-174': [['proxy:set o-new traefik']],
  'ship-011': loaded('<docker save of another r-img:1>'),
  'ship-122': [{ synced: 'a new commit' }],
  'services-2-098': [['mysql:connect r-my', createRows(0, 190)]],
  'services-2-100': [['mysql:connect r-my', createRows(190, 400)]],
  'ship-165': [{ background: 'git:sync --build-if-changes r-pc /home/dokku/r-pa master', app: 'r-pc' }],
  'ship-204': [['letsencrypt:cron-job --add']],
  'ship-206': [['mysql:create half-3-database']],
  'ship-212': [
    ['letsencrypt:cron-job --remove'],
    ...apps('r-none', 'r-qd'),
    ['apps:destroy r-none --force'],
    ['mysql:destroy half-3-database --force'],
  ],
  'ship-218': [...retiring('r-qa', 'r-qb', 'r-qc'), ['git:set r-qa deploy-branch master']],
  'ship-244': [['git:set r-qc deploy-branch master']],
  'day2-005': [['ps:scale r-d2 worker=1'], ['ps:restart r-d2']],
  'day2-044': [['run r-d2 sleep 1']],
  'day2-054': [{ background: 'run r-d2 sleep 30' }],
  'day2-065': [
    ...apps('r-lk', 'r-st'),
    { app: 'r-lk', step: 'r-lk' },
    ['ps:stop r-lk'],
    { app: 'r-st', step: 'r-st' },
  ],
  'day2-071': [['apps:destroy r-lk --force'], ['git:set r-st rev-env-var']],
  // Another app's configuration was invalid for some seconds.
  'domains-065': [
    ...apps('r-tls'),
    ['nginx:set r-tls client-max-body-size lots'],
    ['proxy:build-config r-tls'],
  ],
  'domains-066': [['apps:destroy r-tls --force']],
  'lock-3-013': loadedBase,
  'lock-3-043': [['mysql:create r-lkdb']],
  'lock-3-047': [
    ['mysql:create half-3-database'],
    ...retiring('r-lk'),
    { app: 'r-lk', step: 'lock-3-before-047' },
  ],
};

/** What happened while a record was made, in this order. */
export const meanwhile: Readonly<Record<string, readonly Setup[]>> = {
  'day2-024': [
    ...Array.from({ length: 4 }, (): Setup => ({ request: '/nosuch', name: 'r-d2.lab.dokku.test' })),
    ['ps:restart r-d2'],
  ],
};
