/** What the policy can grant of the declared settings. */
export interface GrantableSetting {
  /** Its name in `settings` of the policy: the key of .dokku-deploy.yml, or one that begins with `all_` for more of it. */
  readonly name: string;
  /** `default`: granted unless the policy says otherwise. `explicit`: only by its name. `list`: by a key of the policy with what is allowed. */
  readonly grant: 'default' | 'explicit' | 'list';
  /** What is granted, and why it is not by default. */
  readonly about: string;
}

/** Every declared setting, as docs/gate.md lists them. */
export const grantableSettings = [
  {
    name: 'domains',
    grant: 'default',
    about: 'the app’s default names, and those that `domains` lists and no other app has',
  },
  {
    name: 'scale',
    grant: 'default',
    about: 'the number of processes, which `formation` of app.json sets as well',
  },
  { name: 'checks', grant: 'default', about: 'how a deploy checks the new processes' },
  { name: 'restart', grant: 'default', about: 'the restart policy and the time to end' },
  {
    name: 'git',
    grant: 'default',
    about: 'the deploy branch, `.git` in the build, the variable of the revision',
  },
  { name: 'paths', grant: 'default', about: 'app.json and the Procfile, below what is shipped' },
  {
    name: 'builder',
    grant: 'default',
    about: 'the builder, its folder and its Dockerfile, below what is shipped',
  },
  { name: 'ports', grant: 'default', about: 'the host’s ports 80 and 443' },
  {
    name: 'all_ports',
    grant: 'explicit',
    about: 'any port of the host: nginx stops serving all apps if another program has the port',
  },
  { name: 'basic_auth', grant: 'default', about: 'the login in front of the app' },
  { name: 'allowed_ips', grant: 'default', about: 'the addresses that have access to the app' },
  {
    name: 'nginx',
    grant: 'default',
    about:
      'the size of requests, timeouts, `proxy-buffering`, `proxy-keepalive`, `underscore-in-headers`, `hsts` and `hsts-max-age`',
  },
  {
    name: 'all_nginx',
    grant: 'explicit',
    about:
      'every property: nginx opens log files as root, in any folder, and a value that it refuses stops it for all apps',
  },
  { name: 'maintenance', grant: 'default', about: 'the maintenance page' },
  {
    name: 'proxy',
    grant: 'explicit',
    about:
      'the program that serves the app, or none: an app without a proxy has a port of the host of its own',
  },
  {
    name: 'buildpacks',
    grant: 'explicit',
    about: 'their URLs, which the host fetches, also from its own network',
  },
  {
    name: 'resources',
    grant: 'explicit',
    about: 'limits and reservations: a job could lift those of an operator',
  },
  {
    name: 'registry',
    grant: 'explicit',
    about: 'where the host pushes images, with its own login: a job could replace the images of others',
  },
  {
    name: 'scheduler',
    grant: 'explicit',
    about: 'Docker or k3s, and the namespace there, which may be that of others',
  },
  {
    name: 'tls',
    grant: 'explicit',
    about: 'a certificate, or one of Let’s Encrypt by the host’s account, and the account’s e-mail address',
  },
  {
    name: 'storage',
    grant: 'list',
    about: 'mounts of the listed entries and folders of the host, and no others: a mount of `/` is root',
  },
  { name: 'network', grant: 'list', about: 'the listed networks, in which the services of others may be' },
  {
    name: 'docker_options',
    grant: 'list',
    about: 'the listed options of Docker: many, such as `--privileged` or `--volume`, are root',
  },
] as const satisfies readonly GrantableSetting[];

/** A declared setting, as the rules of the vocabulary name it. */
export type SettingName = (typeof grantableSettings)[number]['name'];

/** The names that `settings` of a policy may contain, besides `default`. */
export const namedSettings: readonly string[] = grantableSettings.flatMap((one) =>
  one.grant === 'list' ? [] : [one.name],
);
