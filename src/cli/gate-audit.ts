import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { DeployError } from '../errors.ts';
import { formatEntry, readAudit } from '../gate/read-audit.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';

/** Prints the entries of a gate's audit that match, from a file or from standard input. Throws `usage`. */
export async function gateAuditCommand(
  world: World,
  { flags, positional }: CommandArguments,
): Promise<number> {
  const [path] = positional;
  const input = path === undefined ? world.stdin : createReadStream(resolve(world.cwd, path));
  const filter = {
    project: toText(flags.project),
    app: toText(flags.app),
    user: toText(flags.user),
    since: readSince(toText(flags.since)),
    refused: flags.refused === true,
  };
  try {
    for await (const entry of readAudit(input, filter))
      world.stdout.write(`${flags.format === 'json' ? JSON.stringify(entry) : formatEntry(entry)}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new DeployError('usage', {
      message: error.message,
      remedy: 'Name the file with the lines of the gate.',
    });
  }
  return 0;
}

function toText(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readSince(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new DeployError('usage', {
    message: `--since: ${JSON.stringify(text)} is not a time.`,
    remedy: 'Write it as 2026-11-26 or 2026-11-26T12:00:00Z.',
  });
}
