import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type AuditEntry, auditSchema } from './audit.ts';

/** Which entries to show; undefined: all. */
export interface AuditFilter {
  readonly project?: string | undefined;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
  /** Only what was not carried out: refused commands and logins, and failures. */
  readonly refused: boolean;
}

/** Returns the entries of an audit that match, in their order. Other lines, such as those of a log around it, are left out. */
export async function* readAudit(input: Readable, filter: AuditFilter): AsyncGenerator<AuditEntry> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const entry = parseEntry(line);
    if (entry && matches(entry, filter)) yield entry;
  }
}

/** journalctl and Docker put a time and a name before the line. */
function parseEntry(line: string): AuditEntry | undefined {
  const start = line.indexOf('{"time":');
  if (start === -1) return undefined;
  try {
    return auditSchema.safeParse(JSON.parse(line.slice(start))).data;
  } catch {
    return undefined;
  }
}

const refusals = new Set<AuditEntry['event']>(['refused', 'login-refused', 'failed']);

function matches(entry: AuditEntry, { project, app, user, since, refused }: AuditFilter): boolean {
  return (
    (project === undefined || entry.project === project) &&
    (app === undefined || entry.app === app) &&
    (user === undefined || entry.user === user) &&
    (since === undefined || entry.time >= since) &&
    (!refused || refusals.has(entry.event))
  );
}

/** Formats an entry for people, in one line. */
export function formatEntry(entry: AuditEntry): string {
  const { time, event, project, ref, environment, job, user, command, reason, exit, milliseconds } = entry;
  const who = [project, ref, environment, job && `job ${job}`, user].filter((part) => part !== undefined);
  const result = [
    exit === undefined ? undefined : `exit ${exit}`,
    milliseconds === undefined ? undefined : `${milliseconds} ms`,
    reason,
  ].filter((part) => part !== undefined);
  const parts = [
    time,
    event,
    who.join(', '),
    command?.join(' ') ?? '',
    result.length > 0 ? `(${result.join(', ')})` : '',
  ];
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
