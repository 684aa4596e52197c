import type { Database } from '../databases/database.ts';
import type { ProgramResult } from '../databases/process.ts';
import { runInDataFolder } from '../databases/start.ts';
import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Service } from '../host/service.ts';
import { printUnlessQuiet, type ServiceRequest } from './lookup.ts';
import type { ServiceHandler } from './with-service.ts';

/** `export SERVICE`: a dump on stdout, in the form of the program that serves it. */
export function exportData(asked: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(asked, (database) => database.dump());
}

/** Prints what the program that serves a service answers, and returns its exit code. */
async function throughDatabase(
  asked: Parameters<ServiceHandler>[0],
  ask: (database: Database) => Promise<ProgramResult>,
): Promise<number> {
  const { call, service } = asked;
  if (service.status !== 'running') return noContainer(asked);
  if (!service.database) return nothingServes(asked);
  return printAnswer(call, await ask(service.database));
}

function noContainer({ call, service }: Parameters<ServiceHandler>[0]): number {
  call.err(`Error response from daemon: No such container: dokku.${service.plugin}.${service.name}\n`);
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

/** `import SERVICE`: a dump from stdin. */
export function importData(asked: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(asked, async (database) => database.load(await asked.call.readBytes()));
}

/** `connect SERVICE`: the program's own client, reading stdin. */
export function connect(asked: ServiceRequest & { readonly service: Service }): Promise<number> {
  return throughDatabase(asked, async (database) => database.connect(await asked.call.readBytes()));
}

/** `logs SERVICE [-t] [COUNT]`: whatever the second word is, the third is how many lines. */
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

/** `enter SERVICE COMMAND`: there are no containers here, so it runs in the folder of the service's data. */
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
  return printAnswer(call, await runInDataFolder(host.folder, service, words));
}
