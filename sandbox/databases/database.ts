import { join } from 'node:path';
import type { ProgramResult } from './process.ts';

/** A database to serve: whose it is, and with which names and passwords. */
export interface DatabaseSpec {
  readonly plugin: string;
  /** The service's name. */
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly rootPassword: string;
  readonly database: string;
  /** The sandbox's folder, below which the data lie. */
  readonly folder: string;
}

/** A program that serves a database on loopback. */
export interface Database {
  readonly port: number;
  /** Ends the program; its data stay, and another start finds them. */
  readonly stop: () => Promise<void>;
  /** All data, in the program's own form of dump. */
  readonly dump: () => Promise<ProgramResult>;
  /** Puts the data of such a dump in. */
  readonly load: (dump: Uint8Array) => Promise<ProgramResult>;
  /** Feeds the program's own client. */
  readonly connect: (input: Uint8Array) => Promise<ProgramResult>;
  /** What the program has logged. */
  readonly log: () => Promise<string>;
}

/** Starts a database; undefined where this machine can't. */
export type DatabaseStarter = (spec: DatabaseSpec) => Promise<Database | undefined>;

/** The folder of a service's data. */
export function databaseFolder(folder: string, service: Pick<DatabaseSpec, 'plugin' | 'name'>): string {
  return join(folder, 'services', service.plugin, service.name);
}
