import type { Database } from '../databases/database.ts';

/** The status of a service's container as Docker reports it. `missing`: it was removed or never created. */
export type ContainerStatus = 'running' | 'exited' | 'created' | 'missing';

/** A service (a database) of one of the service plugins. */
export interface Service {
  readonly plugin: string;
  readonly name: string;
  readonly password: string;
  readonly rootPassword: string;
  image: string;
  version: string;
  status: ContainerStatus;
  /** The container's id. It changes when the container is created again; '' before the first one. */
  id: string;
  readonly ip: string;
  readonly configOptions: string;
  /** The names of the apps that it is linked to. */
  readonly links: Set<string>;
  /** The host ports on which `expose` published it. */
  exposed: readonly number[];
  /** The values that `set` and `backup-*` stored, by name. */
  readonly properties: Map<string, string>;
  /** The program that serves it; undefined if this machine does not have one. */
  database: Database | undefined;
  /** Resolves when a start in progress has finished. */
  starting: Promise<void>;
  /** The program's port on the loopback interface; undefined if it is not running. */
  readonly port: number | undefined;
  /** Stops the program, even one that is still starting. Its data is kept. */
  readonly stop: () => Promise<void>;
}
