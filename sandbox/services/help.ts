import type { Call } from '../host/call.ts';
import type { ServiceType } from './service-types.ts';

interface Entry {
  readonly words: string;
  readonly about: string;
}

/** The help of each command; TITLE, PLUGIN and ALIAS are placeholders for the plugin's own. */
const entries: Readonly<Record<string, Entry>> = {
  'app-links': { words: '<app>', about: 'list all TITLE service links for a given app' },
  backup: {
    words: '<service> <bucket-name> [-u|--use-iam-optional]',
    about: 'create a backup of the TITLE service to an existing s3 bucket',
  },
  'backup-auth': {
    words: '<service> <aws-access-key-id> <aws-secret-access-key>...',
    about: 'set up authentication for backups on the TITLE service',
  },
  'backup-deauth': { words: '<service>', about: 'remove backup authentication for the TITLE service' },
  'backup-schedule': {
    words: '<service> <schedule> <bucket-name>...',
    about: 'schedule a backup of the TITLE service',
  },
  'backup-schedule-cat': {
    words: '<service>',
    about: 'cat the contents of the configured backup cronfile for the service',
  },
  'backup-set-encryption': {
    words: '<service> <passphrase>',
    about: 'set encryption for all future backups of TITLE service',
  },
  'backup-set-public-key-encryption': {
    words: '<service> <public-key-id>',
    about: 'set GPG Public Key encryption for all future backups of TITLE service',
  },
  'backup-unschedule': { words: '<service>', about: 'unschedule the backup of the TITLE service' },
  'backup-unset-encryption': {
    words: '<service>',
    about: 'unset encryption for future backups of the TITLE service',
  },
  'backup-unset-public-key-encryption': {
    words: '<service>',
    about: 'unset GPG Public Key encryption for future backups of the TITLE service',
  },
  clone: {
    words: '<service> <new-service> [--clone-flags...]',
    about: 'create container <new-name> then copy data from <name> into <new-name>',
  },
  connect: { words: '<service>', about: 'connect to the service via the PLUGIN connection tool' },
  create: { words: '<service> [--create-flags...]', about: 'create a TITLE service' },
  destroy: {
    words: '<service> [-f|--force]',
    about: 'delete the TITLE service/data/container if there are no links left',
  },
  enter: { words: '<service>', about: 'enter or run a command in a running TITLE service container' },
  exists: { words: '<service>', about: 'check if the TITLE service exists' },
  export: { words: '<service>', about: 'export a dump of the TITLE service database' },
  expose: {
    words: '<service> <ports...>',
    about:
      'expose a TITLE service on custom host:port if provided (random port on the 0.0.0.0 interface if otherwise unspecified)',
  },
  import: { words: '<service>', about: 'import a dump into the TITLE service database' },
  info: { words: '<service> [--single-info-flag]', about: 'print the service information' },
  link: { words: '<service> <app> [--link-flags...]', about: 'link the TITLE service to the app' },
  linked: { words: '<service> <app>', about: 'check if the TITLE service is linked to an app' },
  links: { words: '<service>', about: 'list all apps linked to the TITLE service' },
  list: { words: '', about: 'list all TITLE services' },
  logs: {
    words: '<service> [-t|--tail] [<tail-num>]',
    about: 'print the most recent log(s) for this service',
  },
  pause: { words: '<service>', about: 'pause a running TITLE service' },
  promote: { words: '<service> <app>', about: 'promote service <service> as ALIAS_URL in <app>' },
  restart: { words: '<service>', about: 'graceful shutdown and restart of the TITLE service container' },
  set: { words: '<service> <key> <value>', about: 'set or clear a property for a service' },
  start: { words: '<service>', about: 'start a previously stopped TITLE service' },
  stop: { words: '<service>', about: 'stop a running TITLE service' },
  unexpose: { words: '<service>', about: 'unexpose a previously exposed TITLE service' },
  unlink: { words: '<service> <app>', about: 'unlink the TITLE service from the app' },
  upgrade: {
    words: '<service> [--upgrade-flags...]',
    about: 'upgrade service <service> to the specified versions',
  },
};

/** Answers `PLUGIN:help [COMMAND]`. The help of one command has its usage and purpose, without the plugins' examples. */
export function help({ words }: Call, type: ServiceType): { readonly exit: number; readonly out: string } {
  const [name] = words;
  if (name === undefined || name === '--all') return { exit: 0, out: list(type) };
  const entry = entries[name];
  if (!entry) return { exit: 1, out: '' };
  const usage = `usage: dokku ${type.plugin}:${name} ${entry.words}`.trimEnd();
  return { exit: 0, out: `${usage}\n\n${aboutOf(entry, type)}\n\n` };
}

function list(type: ServiceType): string {
  const { plugin, title } = type;
  const rows = Object.entries(entries).map(([name, entry]) => ({
    words: `    ${plugin}:${name} ${entry.words}`.trimEnd(),
    about: aboutOf(entry, type),
  }));
  const width = Math.max(...rows.map(({ words }) => words.length)) + 3;
  return [
    `usage: dokku ${plugin}[:COMMAND]\n\nList your ${plugin} services.\n\nExample:\n\n`,
    `    $ dokku ${plugin}:list\n\n      ${title} services\n      service-name\n\n`,
    `dokku ${plugin} commands: (get help with dokku ${plugin}:help SUBCOMMAND)\n\n`,
    ...rows.map(({ words, about }) => `${words.padEnd(width)}${about}\n`),
    '\n',
  ].join('');
}

function aboutOf({ about }: Entry, { alias, plugin, title }: ServiceType): string {
  return about.replace('TITLE', title).replace('PLUGIN', plugin).replace('ALIAS', alias);
}
