import type { Database } from '../databases/database.ts';
import type { ProgramResult } from '../databases/process.ts';
import { runInDataFolder } from '../databases/start.ts';
import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Service } from '../host/service.ts';
import { printUnlessQuiet, type ServiceRequest } from './lookup.ts';
import type { ServiceHandler } from './with-service.ts';

/** `export SERVICE`: writes a dump to stdout, in the format of the database server. */
export function exportData(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(request, (database) => database.dump());
}

/** Runs a request against a service's database. Prints its output and returns its exit code. */
async function throughDatabase(
  request: Parameters<ServiceHandler>[0],
  ask: (database: Database) => Promise<ProgramResult>,
): Promise<number> {
  const { call, service } = request;
  if (service.status !== 'running') return noContainer(request);
  if (!service.database) return nothingServes(request);
  return printAnswer(call, await ask(service.database));
}

function noContainer({ call, service }: Parameters<ServiceHandler>[0]): number {
  const why =
    service.status === 'exited'
      ? `Container ${service.id} is not running`
      : `No such container: dokku.${service.plugin}.${service.name}`;
  call.err(`Error response from daemon: ${why}\n`);
  return 1;
}

function nothingServes({ call, service, type }: Parameters<ServiceHandler>[0]): number {
  return fail(
    call,
    `The sandbox found no program that serves ${type.title} here: ${service.name} holds no data`,
  );
}

function printAnswer(call: Call, { exit, stdout, stderr }: ProgramResult): number {
  call.out(stdout);
  if (stderr !== '') call.err(stderr);
  return exit;
}

/** `import SERVICE`: loads a dump from stdin. */
export function importData(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(request, async (database) => {
    const loaded = await database.load(await request.call.readBytes());
    // Redis reads a dump when it starts: one that it cannot read leaves no container.
    if (loaded.exit !== 0 && request.service.plugin === 'redis') {
      await request.service.stop();
      request.service.status = 'missing';
    }
    return loaded;
  });
}

/** `connect SERVICE`: runs the database's client with the command's stdin. */
export function connect(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(request, async (database) => database.connect(await request.call.readBytes()));
}

/** `logs SERVICE [-t] [COUNT]`. The third word is the number of lines, whatever the second one is. */
export async function logs({
  call,
  service,
}: ServiceRequest & { readonly service: Service }): Promise<number> {
  const [, , count = 'all'] = call.words;
  if (service.status === 'missing') return fail(call, 'Service container does not exist');
  if (service.status !== 'running') fail(call, 'Service logs may not be output as service is not running');
  const lines = (await service.database?.log())?.split('\n').slice(0, -1) ?? [];
  const wanted = /^\d+$/.test(count) ? Number(count) : lines.length;
  const shown = wanted === 0 ? [] : lines.slice(-wanted);
  call.out(shown.map((line) => `${line}\n`).join(''));
  return 0;
}

/** `enter SERVICE COMMAND`. The sandbox has no containers, so the command runs in the service's data folder. */
export async function enter({
  call,
  host,
  service,
}: ServiceRequest & { readonly service: Service }): Promise<number> {
  const [, ...words] = call.words;
  printUnlessQuiet(call, '-----> Filesystem changes may not persist after container restarts');
  if (service.status === 'missing') return fail(call, 'Service container does not exist');
  if (service.status !== 'running') return fail(call, 'Service container is not running');
  if (words.length === 0) return 0;
  return printAnswer(call, await runInDataFolder(host.folder, service, words, service.database?.clientEnv));
}
