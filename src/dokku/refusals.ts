import { maskUrlPasswords } from '../secret.ts';

/** What a refusal means, as far as Dokku's message shows. */
export type Refusal = 'exists' | 'missing' | 'linked' | 'not-linked' | 'busy' | 'unknown-command' | 'other';

/** Dokku's message while another deploy of the app is running. */
export const deployLock = /currently has a deploy lock in place/;

const refusalPatterns: readonly (readonly [Refusal, RegExp])[] = [
  ['unknown-command', /is not a dokku command/],
  ['busy', deployLock],
  [
    'exists',
    /Name is already taken|service \S+ already exists|Service \S+ already exists|Mount path already exists|network with name \S+ already exists/,
  ],
  ['linked', /Already linked as|Cannot delete linked service/],
  ['not-linked', /Not linked to app/],
  ['missing', /does not exist/],
];

/** Classifies a refusal. Exit code 20 is Dokku's own for an app that does not exist. */
export function classifyRefusal({
  exit,
  stdout,
  stderr,
}: {
  exit: number;
  stdout: string;
  stderr: string;
}): Refusal {
  const text = `${stderr}\n${stdout}`;
  return (
    refusalPatterns.find(([, pattern]) => pattern.test(text))?.[0] ?? (exit === 20 ? 'missing' : 'other')
  );
}

/** Returns the lines of the host's output, without terminal control and without passwords in URLs. */
export function cleanHostOutput(text: string): string[] {
  return text
    .split('\n')
    .map((line) => maskUrlPasswords(cleanLine(line)))
    .filter((line) => line.trim() !== '');
}

// Dokku marks warnings with cursor movements (ESC [1G ESC [K), and builders color their lines.
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Returns a line of the host's output without terminal control and trailing spaces. */
export function cleanLine(line: string): string {
  return line.replace(escapes, '').replace(/[\s\u0000-\u0008]+$/, '');
}
