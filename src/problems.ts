import { DeployError } from './errors.ts';

/** One thing that is wrong with the variables, flags or files. */
export interface Problem {
  /** The variable, the flag, or `file:line:column`. */
  readonly where: string;
  readonly message: string;
  readonly remedy: string;
}

/** Quotes a value as the subject of a message; returns `it` for one that may be a key or contain a password. */
export function quoteValue(value: string): string {
  const hasPassword = /:.*@/s.test(value.replace(/^\s*[a-z]+:\/\//i, ''));
  return hasPassword || value.length > 100 || /[\r\n]/.test(value.trim()) ? 'it' : JSON.stringify(value);
}

// A file of another format can have thousands.
const maxShownProblems = 30;

/** Makes one error of all problems. A single problem's message is the error's message; else `remedy` is for all of them. */
export function configurationError(
  found: readonly Problem[],
  remedy = 'Set variables in the project’s Settings > CI/CD > Variables; fix files in the repository.',
): DeployError {
  // Two parts of the program may need the same value.
  const problems = [...new Map(found.map((one) => [`${one.where}: ${one.message}`, one])).values()];
  const [first] = problems;
  if (first && problems.length === 1) {
    return new DeployError('configuration', {
      message: `${first.where}: ${first.message}`,
      remedy: first.remedy,
    });
  }
  return new DeployError('configuration', {
    message: `${problems.length} settings are missing or wrong; nothing was sent to the host.`,
    said: [
      ...problems.slice(0, maxShownProblems).flatMap(formatProblem),
      ...(problems.length > maxShownProblems ? [`and ${problems.length - maxShownProblems} more`] : []),
    ],
    remedy,
  });
}

function formatProblem({ where, message, remedy }: Problem): string[] {
  return [`${where}: ${message}`, `    ${remedy}`];
}

/** Returns the known word that is nearest to a mistyped one; undefined if none is near. */
export function findNearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((one) => ({ one, distance: editDistance(word.toLowerCase(), one.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.one : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
