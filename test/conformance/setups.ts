/** A command of a setup, and what it gets on its standard input. */
export type Setup = readonly [line: string, stdin?: string];

const apps = (...names: readonly string[]): Setup[] => names.map((name) => [`apps:create ${name}`]);

// The recorder's own apps and services of its first trials were there all the time.
const smoke: readonly Setup[] = [
  ...apps('smoke'),
  ['mysql:create smoke-database'],
  ['postgres:create smoke_pg'],
  ['redis:create smoke-redis'],
];

const shipped = (name: string): Setup[] => [
  [`git:from-archive --archive-type tar.gz ${name} --`, '<tar.gz>'],
];

const deployedApp = (name: string): Setup[] => [...apps(name), ...shipped(name)];

/** What was on the recorded host before a group began, as far as its records depend on it. */
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
};

/** Commands before a record, where those that were recorded between it and the one before are not at hand. */
export const between: Readonly<Record<string, readonly Setup[]>> = {
  'ops-151': [
    ['proxy:enable o-arc'],
    ['domains:reset o-arc'],
    ['ports:clear o-arc'],
    ['config:set o-arc RESTARTED=1'],
  ],
};
