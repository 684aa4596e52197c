import type { Duplex } from 'node:stream';
import type { CommandResult } from '../dokku/command.ts';
import type { OnLine } from './lines.ts';

/** A line of text as it goes over the wire, and what is fed to its standard input. */
export interface HostRequest {
  readonly line: string;
  readonly stdin?: string | undefined;
  /** Called for each line that the host prints while it works, on either stream. */
  readonly onLine?: OnLine | undefined;
}

/** An open channel to a program on the host. `stderr` is told line by line; `exitCode` gives its exit code (undefined: cut off). */
export interface Channel {
  readonly stream: Duplex;
  readonly stderr: AsyncIterable<string>;
  readonly exitCode: Promise<number | undefined>;
}

/** What was used, for the report: connections made, commands sent. */
export interface HostUsage {
  readonly connections: number;
  readonly commands: number;
}

/**
 * The one connection to a Dokku host. It is opened at the first request, opened again after a drop, and carries at most
 * eight requests at once; more wait.
 */
export interface Host extends AsyncDisposable {
  /** Runs a command. Never throws for what the host says; a host key or login problem throws a DeployError. */
  readonly ask: (request: HostRequest) => Promise<CommandResult>;
  /** Opens a channel for a program that talks both ways (git-receive-pack). Throws `host-not-reached`. */
  readonly open: (line: string) => Promise<Channel>;
  readonly close: () => Promise<void>;
  readonly usage: () => HostUsage;
}
