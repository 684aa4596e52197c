import { maskUrlPasswords } from '../secret.ts';

/** What a refusal means, as far as Dokku's words tell. */
export type Refusal = 'exists' | 'missing' | 'linked' | 'not-linked' | 'busy' | 'unknown-command' | 'other';

/** Dokku's answer while another deploy of the app is under way. */
export const deployLock = /currently has a deploy lock in place/;

const refusalPatterns: readonly (readonly [Refusal, RegExp])[] = [
  ['unknown-command', /is not a dokku command/],
  ['busy', deployLock],
  ['exists', /Name is already taken|service \S+ already exists|Service \S+ already exists/],
  ['linked', /Already linked as|Cannot delete linked service/],
  ['not-linked', /Not linked to app/],
  ['missing', /does not exist/],
];

/** Reads a refusal. Exit code 20 is Dokku's own for an app that does not exist. */
export function classifyRefusal({
  exit,
  stdout,
  stderr,
}: {
  exit: number;
  stdout: string;
  stderr: string;
}): Refusal {
  const said = `${stderr}\n${stdout}`;
  return (
    refusalPatterns.find(([, pattern]) => pattern.test(said))?.[0] ?? (exit === 20 ? 'missing' : 'other')
  );
}

/** The host's own words of an answer, one line each, without its ornaments and without passwords in URLs. */
export function cleanHostOutput(text: string): string[] {
  return text
    .split('\n')
    .map((line) => maskUrlPasswords(cleanLine(line)))
    .filter((line) => line.trim() !== '');
}

// Dokku marks warnings with cursor movements (ESC [1G ESC [K) and builders colour their lines.
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** A line of the host's without terminal control and trailing blanks. */
export function cleanLine(line: string): string {
  return line.replace(escapes, '').replace(/[\s\u0000-\u0008]+$/, '');
}
