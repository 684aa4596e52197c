import { randomBytes } from 'node:crypto';
import { startDatabase } from '../databases/start.ts';
import { fail } from '../host/answers.ts';
import type { Service } from '../host/service.ts';
import { containerName, databaseName } from './address.ts';
import { parseServiceFlags, printParseErrors, type ServiceFlags } from './flags.ts';
import { printInfo } from './info.ts';
import { listServices, printUnlessQuiet, type ServiceRequest } from './lookup.ts';
import { maxFolderNameLength, maxHostNameLength } from './service-types.ts';
import { noService, withService } from './with-service.ts';

/** `create SERVICE [flags]`. */
export function create(request: ServiceRequest): Promise<number> {
  const [name = '', ...words] = request.call.words;
  return make(request, name, { words, fallback: request.type });
}

const nameRule = `${noService}. Valid characters are: [A-Za-z0-9_]+`;

const dockerUsage = `
Usage:  docker container create [OPTIONS] IMAGE [COMMAND] [ARG...]

Run 'docker container create --help' for more information
`;

interface Image {
  readonly image: string;
  readonly version: string;
}

/** Creates a service for `create` and `clone`. Returns the exit code. */
async function make(
  request: ServiceRequest,
  name: string,
  { words, fallback }: { words: readonly string[]; fallback: Image },
): Promise<number> {
  const { call, host, type } = request;
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return fail(call, nameRule);
  const services = listServices(host, type);
  if (services.has(name)) return fail(call, `${type.title} service ${name} already exists`);
  const flags = parseServiceFlags(words);
  printParseErrors(request, flags);
  const image = chooseImage(flags, fallback);
  const unpulled = pullProblem(request, image.image, image.version);
  if (unpulled !== undefined) return unpulled;
  if (name.length > maxFolderNameLength) {
    call.err(
      `mkdir: cannot create directory '/var/lib/dokku/services/${type.plugin}/${name}': File name too long\n`,
    );
    return fail(call, 'Unable to create service directory');
  }
  const service = newService(request, { name, image, flags });
  // From here on the name is taken even if the command fails: the plugin creates the folder first.
  call.reach('service-folder');
  services.set(name, service);
  warnAboutPasswords(request, flags);
  const problem = sizeProblem(flags);
  if (problem === undefined) return createContainer(request, service);
  call.out(`${problem}\n${dockerUsage}`);
  return 125;
}

function newService(
  { host, type }: ServiceRequest,
  { name, image, flags }: { readonly name: string; readonly image: Image; readonly flags: ServiceFlags },
): Service {
  const { values } = flags;
  const password = values.get('p') || randomBytes(type.passwordBytes).toString('hex');
  const properties = [
    ['initial-network', values.get('N')],
    ['post-create-network', values.get('P')],
    ['post-start-network', values.get('S')],
  ] as const;
  return {
    plugin: type.plugin,
    name,
    password,
    rootPassword: values.get('r') || randomBytes(type.passwordBytes).toString('hex'),
    ...image,
    status: 'missing',
    id: '',
    ip: `172.17.0.${2 + (host.services().length % 250)}`,
    configOptions: values.get('c') ?? '',
    links: new Set(),
    exposed: [],
    properties: new Map(
      properties.filter((entry): entry is [(typeof entry)[0], string] => Boolean(entry[1])),
    ),
    database: undefined,
    starting: Promise.resolve(),
    get port() {
      return this.database?.port;
    },
    async stop() {
      await this.starting;
      const running = this.database;
      this.database = undefined;
      await running?.stop();
    },
  };
}

function warnAboutPasswords({ call, type }: ServiceRequest, { values }: ServiceFlags): void {
  if (values.get('p')) fail(call, 'Specified password may not be as secure as the auto-generated password');
  if (type.hasRootPassword && values.get('r')) {
    fail(call, 'Specified root password may not be as secure as the auto-generated root password');
  }
}

/** Returns Docker's message for an invalid size, which the plugins' flag parser lets through. */
function sizeProblem({ values }: ServiceFlags): string | undefined {
  const isSize = (text: string): boolean => /^\d+(\.\d+)?[bkmgtp]?b?$/i.test(text);
  const shm = values.get('s');
  if (shm !== undefined && !isSize(shm))
    return `invalid argument "${shm}" for "--shm-size" flag: invalid size: '${shm}'`;
  const memory = values.get('m');
  if (memory !== undefined && !isSize(`${memory}m`)) {
    return `invalid argument "${memory}m" for "-m, --memory" flag: invalid size: '${memory}m'`;
  }
  return undefined;
}

/** `clone SERVICE NEW [flags]`: creates a service with the data of another. */
export function clone(request: ServiceRequest): number | Promise<number> {
  const [name = '', newName = ''] = request.call.words;
  if (name !== '' && newName === '') return fail(request.call, 'Please specify a name for the new service');
  return withService(cloneService)(request);
}

async function cloneService(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  const { call, host, type, service } = request;
  const [name = '', newName = '', ...words] = call.words;
  const services = listServices(host, type);
  if (services.has(newName)) {
    return fail(call, `Invalid service name ${newName}. Verify the service name is not already in use.`);
  }
  if (service.status !== 'running') return fail(call, `Service ${name} container is not running`);
  const { image, version } = chooseImage(parseServiceFlags(words), service);
  call.out(`=====> Cloning ${name} to ${newName} @ ${image}:${version}\n`);
  const exit = await make(request, newName, { words, fallback: { image, version } });
  if (exit !== 0) return exit;
  call.out(`-----> Copying data from ${name} to ${newName}\n`);
  await copy(request, service, services.get(newName));
  call.out('=====> Done\n');
  return 0;
}

async function copy({ call }: ServiceRequest, from: Service, to: Service | undefined): Promise<void> {
  const dump = await from.database?.dump();
  if (dump?.stderr) call.err(dump.stderr);
  if (dump?.exit !== 0 || !to?.database) return;
  const loaded = await to.database.load(dump.stdout);
  // A real host hides this error.
  if (loaded.exit !== 0) call.err(loaded.stderr);
}

/** Prints an error and returns the exit code if an image can't be pulled; undefined if it is available. */
export function pullProblem(
  { call, type }: ServiceRequest,
  image: string,
  version: string,
): number | undefined {
  const host = unknownRegistry(image);
  if (host === undefined) return undefined;
  call.err(
    `Error response from daemon: Get "https://${host}/v2/": dial tcp: lookup ${host} on 127.0.0.53:53: no such host\n`,
  );
  return fail(call, `${type.title} image ${image}:${version} pull failed`);
}

/** Returns the registry's host in an image's name. The sandbox can't reach any; other images count as available. */
function unknownRegistry(image: string): string | undefined {
  const [host = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]/.test(host) ? host : undefined;
}

/** Returns the image that the flags select, `fallback` by default. */
export function chooseImage({ values }: ServiceFlags, fallback: Image): Image {
  return {
    image: values.get('i') ?? fallback.image,
    version: values.get('I') ?? fallback.version,
  };
}

/** Creates a service's container and waits for it. Prints the service's information and returns the exit code. */
export async function createContainer(request: ServiceRequest, service: Service): Promise<number> {
  const { call, type } = request;
  call.reach('container');
  service.id = randomBytes(32).toString('hex');
  service.status = 'created';
  connectNetworks(request, service, 'create');
  if (containerName(service).length > maxHostNameLength) {
    call.out(
      'Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: sethostname: invalid argument: unknown\n',
    );
    call.out(`Error: failed to start containers: ${service.id}\n`);
    return 1;
  }
  call.reach('start');
  connectNetworks(request, service, 'start');
  printUnlessQuiet(call, '       Waiting for container to be ready');
  await startDatabaseOrWarn(request, service);
  service.status = 'running';
  call.reach('ready');
  if (type.plugin === 'postgres') {
    printUnlessQuiet(call, '       Creating container database');
    printUnlessQuiet(call, '       Securing connection to database');
  }
  call.out(`=====> ${type.title} container created: ${service.name}\n`);
  printInfo(call, service, type);
  return 0;
}

function connectNetworks({ call }: ServiceRequest, service: Service, moment: 'create' | 'start'): void {
  const networks = service.properties.get(`post-${moment}-network`);
  if (!networks) return;
  printUnlessQuiet(call, `       Connecting to networks after container ${moment}`);
  for (const network of networks.split(',')) printUnlessQuiet(call, `       - ${network}`);
}

/** Starts the database server of a service. Prints a warning to stderr if this machine has no such program. */
export async function startDatabaseOrWarn(
  { call, host, type }: ServiceRequest,
  service: Service,
): Promise<void> {
  const start = startDatabase({
    plugin: type.plugin,
    name: service.name,
    user: type.user ?? service.name,
    password: service.password,
    rootPassword: service.rootPassword,
    database: databaseName(service.name),
    folder: host.folder,
  });
  service.starting = start.then(
    (database) => {
      service.database = database;
    },
    () => undefined,
  );
  await start;
  if (service.database) return;
  call.err(
    ` !     The sandbox found no program that serves ${type.title} here: ${service.name} has a URL, and nothing answers at it\n`,
  );
}
