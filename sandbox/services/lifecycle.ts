import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { databaseFolder } from '../databases/database.ts';
import { fail, printChange } from '../host/answers.ts';
import type { Service } from '../host/service.ts';
import { containerName } from './address.ts';
import { chooseImage, createContainer, pullProblem, startDatabaseOrWarn } from './create.ts';
import { parseServiceFlags } from './flags.ts';
import { exposedPorts } from './info.ts';
import { listServices, printUnlessQuiet, type ServiceRequest } from './lookup.ts';

/** `pause SERVICE`: stops the container and keeps it. */
export async function pause(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  await stopContainer(request, request.service);
  return 0;
}

async function stopContainer({ call }: ServiceRequest, service: Service): Promise<void> {
  if (service.status === 'missing') {
    fail(call, 'Service is already paused');
    return;
  }
  printUnlessQuiet(call, '=====> Pausing container');
  await service.stop();
  if (service.status === 'running') service.status = 'exited';
  printUnlessQuiet(call, '       Container paused');
}

/** `stop SERVICE`: stops and removes the container; data and name stay. */
export async function stop(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  await removeContainer(request, request.service);
  return 0;
}

async function removeContainer(request: ServiceRequest, service: Service): Promise<void> {
  await stopContainer(request, service);
  request.call.reach('remove-container');
  if (service.status === 'missing') return;
  printUnlessQuiet(request.call, '       Removing container');
  service.status = 'missing';
}

/** `start SERVICE`. */
export function start(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  return startContainer(request, request.service);
}

async function startContainer(request: ServiceRequest, service: Service, isQuiet = false): Promise<number> {
  const { call } = request;
  if (service.status === 'running') {
    if (!isQuiet) fail(call, 'Service is already started');
    return 0;
  }
  printUnlessQuiet(call, '=====> Starting container');
  if (service.status === 'missing') return createContainer(request, service);
  if (service.status === 'created') {
    call.out(`${nameTaken(service)}\n`);
    return 1;
  }
  await startDatabaseOrWarn(request, service);
  service.status = 'running';
  call.out('=====> Container started\n');
  return 0;
}

function nameTaken(service: Service): string {
  return `Error response from daemon: Conflict. The container name "/${containerName(service)}" is already in use by container "${service.id}". You have to remove (or rename) that container to be able to reuse that name.`;
}

/** `restart SERVICE`. */
export async function restart(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  await stopContainer(request, request.service);
  const exit = await startContainer(request, request.service);
  if (exit === 0) request.call.out('-----> Please call dokku ps:restart on all linked apps\n');
  return exit;
}

/** `destroy SERVICE [--force]`: refused while an app is linked, forced or not. */
export async function destroy(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  const { call, host, service, type } = request;
  if (service.links.size > 0) return fail(call, 'Cannot delete linked service');
  const isForced = call.force || ['force', '-f', '--force'].includes(call.words[1] ?? '');
  if (!isForced && !(await isConfirmed(request, service))) return 1;
  printUnlessQuiet(call, `=====> Deleting ${service.name}`);
  call.reach('stop-container');
  await removeContainer(request, service);
  call.reach('remove-data');
  printUnlessQuiet(call, '       Removing data');
  await rm(databaseFolder(host.folder, service), { recursive: true, force: true });
  listServices(host, type).delete(service.name);
  call.out(`=====> ${type.title} container deleted: ${service.name}\n`);
  return 0;
}

async function isConfirmed({ call, type }: ServiceRequest, { name }: Service): Promise<boolean> {
  fail(call, 'WARNING: Potentially Destructive Action');
  fail(call, `This command will destroy ${name} ${type.title} service.`);
  fail(call, `To proceed, type "${name}"`);
  call.out('\n');
  const text = await call.read();
  const [typed = ''] = text.split('\n');
  // If the input ends within a line, the plugin's shell exits before it compares or prints anything.
  if (!text.includes('\n')) return false;
  if (typed.trim() === name) return true;
  fail(call, `Confirmation did not match ${name}. Aborted.`);
  return false;
}

/** `expose SERVICE [PORTS]`. The ports are stored and reported; the database still listens on its own loopback port only. */
export async function expose(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  const { call, service, type } = request;
  const given = call.words.slice(1).flatMap((word) => word.split(' '));
  const ports = given.length === 0 ? type.ports.map(() => String(randomInt(1_024, 32_768))) : given;
  if (ports.length !== type.ports.length) {
    return fail(
      call,
      `${type.ports.length} ports to be exposed need to be provided in the following order: ${type.ports.join(' ')}`,
    );
  }
  if (service.exposed.length > 0) {
    return fail(call, `Service ${service.name} already exposed on port(s) ${service.exposed.join(' ')}`);
  }
  service.exposed = ports.map(Number);
  const exit = await startContainer(request, service, true);
  if (exit !== 0) return exit;
  call.out(
    `-----> Service ${service.name} exposed on port(s) [container->host]: ${exposedPorts(service, type)}\n`,
  );
  return 0;
}

/** `unexpose SERVICE`. */
export function unexpose({ call, service }: ServiceRequest & { readonly service: Service }): number {
  service.exposed = [];
  call.out(`-----> Service ${service.name} unexposed\n`);
  return 0;
}

/** `upgrade SERVICE [flags]`: recreates the container from another image with the same data. */
export async function upgrade(request: ServiceRequest & { readonly service: Service }): Promise<number> {
  const { call, service, type } = request;
  const { image, version } = chooseImage(parseServiceFlags(call.words.slice(1)), type);
  const unpulled = pullProblem(request, image, version);
  if (unpulled !== undefined) return unpulled;
  if (service.status !== 'missing' && service.image === image && service.version === version) {
    call.out(`-----> Service ${service.name} already running ${image}:${version}\n`);
    return 0;
  }
  call.out(`=====> Upgrading ${service.name} to ${image}:${version}\n=====> Stopping ${service.name}\n`);
  await removeContainer(request, service);
  service.image = image;
  service.version = version;
  const exit = await startContainer(request, service);
  if (exit === 0) call.out('=====> Done\n');
  return exit;
}

const settable = ['initial-network', 'post-create-network', 'post-start-network'];

/** `set SERVICE KEY [VALUE]`. */
export function set({ call, service }: ServiceRequest & { readonly service: Service }): number {
  const [, key = '', value = ''] = call.words;
  if (key === '') return fail(call, 'No key specified');
  if (!settable.includes(key)) {
    return fail(call, `Invalid key specified, valid keys include: ${settable.join(', ')}`);
  }
  printChange(call, key, value);
  if (value === '') service.properties.delete(key);
  else service.properties.set(key, value);
  return 0;
}
