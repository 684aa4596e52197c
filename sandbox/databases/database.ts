import { join } from 'node:path';
import type { ProgramResult } from './process.ts';

/** A database to serve: the service it belongs to, with its names and passwords. */
export interface DatabaseSpec {
  readonly plugin: string;
  /** The service's name. */
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly rootPassword: string;
  readonly database: string;
  /** The sandbox's folder, which contains the data. */
  readonly folder: string;
}

/** A program that serves a database on the loopback interface. */
export interface Database {
  readonly port: number;
  /** The variables with which a client of the program finds it and logs in, if it knows such variables. */
  readonly clientEnv?: Readonly<Record<string, string>>;
  /** Stops the program. Its data is kept for the next start. */
  readonly stop: () => Promise<void>;
  /** Dumps all data in the program's own format. */
  readonly dump: () => Promise<ProgramResult>;
  /** Loads such a dump. */
  readonly load: (dump: Uint8Array) => Promise<ProgramResult>;
  /** Runs the program's own client with this input. */
  readonly connect: (input: Uint8Array) => Promise<ProgramResult>;
  /** Returns the program's log. */
  readonly log: () => Promise<string>;
}

/** Starts a database. Resolves with undefined if this machine cannot run it. */
export type DatabaseStarter = (spec: DatabaseSpec) => Promise<Database | undefined>;

/** Returns the folder of a service's data. */
export function databaseFolder(folder: string, service: Pick<DatabaseSpec, 'plugin' | 'name'>): string {
  return join(folder, 'services', service.plugin, service.name);
}
