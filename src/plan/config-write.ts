import type { Command, Value } from '../dokku/command.ts';
import { importConfig, setConfig } from '../dokku/config.ts';

/** A write of an app's configuration, without a restart. */
export interface ConfigWrite {
  readonly command: Command;
  /** The same write for a host that does not know the command. */
  readonly fallback: Command;
}

/** Returns the write of these values. */
export function configWrite(app: string, values: Readonly<Record<string, Value>>): ConfigWrite {
  return { command: importConfig(app, values), fallback: setConfig(app, values) };
}
