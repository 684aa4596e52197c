import type { Database } from '../databases/database.ts';

/** What Docker says of a service's container; `missing` is one that was removed or never made. */
export type ContainerStatus = 'running' | 'exited' | 'created' | 'missing';

/** A made service (a database) of one of the service plugins. */
export interface Service {
  readonly plugin: string;
  readonly name: string;
  readonly password: string;
  readonly rootPassword: string;
  image: string;
  version: string;
  status: ContainerStatus;
  /** The container's id; it changes when the container is made anew, and is empty while there was none yet. */
  id: string;
  readonly ip: string;
  readonly configOptions: string;
  /** Names of the apps it is linked to. */
  readonly links: Set<string>;
  /** Host ports on which `expose` published it. */
  exposed: readonly number[];
  /** What `set` and `backup-*` wrote, by name. */
  readonly properties: Map<string, string>;
  /** The program that serves it; undefined where this machine has none. */
  database: Database | undefined;
  /** Resolves when a start that is under way is over. */
  starting: Promise<void>;
  /** The loopback port of that program; undefined where there is none, or it doesn't run. */
  readonly port: number | undefined;
  /** Ends the program, also one that is only being started; its data stay. */
  readonly stop: () => Promise<void>;
}
