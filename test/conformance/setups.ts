/** A command of a setup and its stdin. */
export type Setup = readonly [line: string, stdin?: string];

function apps(...names: readonly string[]): Setup[] {
  return names.map((name) => [`apps:create ${name}`]);
}

// The apps and services of the recorder's first trials existed during all groups.
const smoke: readonly Setup[] = [
  ...apps('smoke'),
  ['mysql:create smoke-database'],
  ['postgres:create smoke_pg'],
  ['redis:create smoke-redis'],
];

function shipped(name: string): Setup[] {
  return [[`git:from-archive --archive-type tar.gz ${name} --`, '<tar.gz>']];
}

function deployedApp(name: string): Setup[] {
  return [...apps(name), ...shipped(name)];
}

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
};

/** Commands to run before a record, because those recorded before it are not in the file. */
export const between: Readonly<Record<string, readonly Setup[]>> = {
  'ops-151': [
    ['proxy:enable o-arc'],
    ['domains:reset o-arc'],
    ['ports:clear o-arc'],
    ['config:set o-arc RESTARTED=1'],
  ],
};
