const apps = (...names: readonly string[]): string[] => names.map((name) => `apps:create ${name}`);

// The recorder's own apps and services of its first trials were there all the time.
const smoke = [
  ...apps('smoke'),
  'mysql:create smoke-database',
  'postgres:create smoke_pg',
  'redis:create smoke-redis',
];

/** What was on the recorded host before a group began, as far as its records depend on it. */
export const setups: Readonly<Record<string, readonly string[]>> = {
  basic: [...smoke, ...apps('g-auto', 'g-full', 'g-hc', 'g-none', 'l-app', 'nosuch')],
  apps: [...smoke, ...apps('g-auto', 'g-full', 'g-hc', 'g-none', 'l-app', 'nosuch')],
  config: apps('t-cfg'),
  services: [...smoke, ...apps('s-app', 's-app2')],
  ssh: [...smoke, ...apps('g-auto', 'g-none', 'q-app')],
};
