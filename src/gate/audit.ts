import { z } from 'zod';
import type { Identity } from './identity.ts';

const jobFields = {
  job: z.string().optional(),
  user: z.string().optional(),
  project: z.string().optional(),
  ref: z.string().optional(),
  environment: z.string().optional(),
};

/** One line of the audit. A field that is not known is left out. */
export const auditSchema = z.object({
  time: z.string(),
  event: z.enum(['started', 'reloaded', 'stopped', 'login', 'login-refused', 'command', 'refused', 'failed']),
  ...jobFields,
  /** The session’s connection, by its number. */
  connection: z.number().optional(),
  app: z.string().optional(),
  /** The words of the command; each secret as `[secret]`. Of a refused command, only its name. */
  command: z.array(z.string()).optional(),
  reason: z.string().optional(),
  exit: z.number().optional(),
  milliseconds: z.number().optional(),
  bytes_in: z.number().optional(),
  bytes_out: z.number().optional(),
});

export type AuditEntry = z.infer<typeof auditSchema>;

/** Writes one line of the audit. */
export type Audit = (entry: Omit<AuditEntry, 'time'>) => void;

/** Returns the audit, which writes JSON lines. */
export function createAudit(write: (line: string) => void, now: () => number): Audit {
  return (entry) => write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...entry })}\n`);
}

/** Returns the fields of a job in the audit. */
export function auditJob({
  job,
  user,
  projectPath,
  ref,
  environment,
}: Identity): Omit<AuditEntry, 'time' | 'event'> {
  return {
    ...(job === undefined ? {} : { job }),
    ...(user === undefined ? {} : { user }),
    project: projectPath,
    ref,
    ...(environment === undefined ? {} : { environment }),
  };
}
