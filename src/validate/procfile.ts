import type { TextFile } from '../environment/job-input.ts';
import type { Problem } from '../problems.ts';

/**
 * Checks a Procfile by the rules of Dokku's parser (procfile-util), for which one bad line makes the whole file invalid: Dokku
 * would report it after the build. Returns each problem with its line and column.
 */
export function checkProcfile({ path, text }: TextFile): Problem[] {
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  const entries = lines.filter(({ line }) => !/^\s*($|#|\/\/)/.test(line));
  if (entries.length === 0) {
    return [
      { where: path, message: 'the file has no processes', remedy: `${lineRemedy} Or remove the file.` },
    ];
  }
  const seen = new Map<string, number>();
  return entries.flatMap(({ line, number }) => {
    const wrong = checkLine(line.trim(), number, seen);
    const column = line.length - line.trimStart().length + 1;
    return wrong ? [{ where: `${path}:${number}:${column}`, ...wrong }] : [];
  });
}

const lineRemedy = 'Write a name and its command: web: npm start';

// As Dokku's names of processes: they become parts of the names of containers.
const maxNameLength = 63;

function checkLine(
  line: string,
  number: number,
  seen: Map<string, number>,
): Pick<Problem, 'message' | 'remedy'> | undefined {
  const [, name, rest] = /^([A-Za-z0-9_-]+)\s*:\s*(.+)$/.exec(line) ?? [];
  if (name === undefined || rest === undefined) {
    return { message: 'not a process: Dokku would refuse the whole file', remedy: lineRemedy };
  }
  const first = seen.get(name);
  seen.set(name, first ?? number);
  if (first !== undefined)
    return { message: `${name} is in line ${first}, too`, remedy: 'Rename one, or remove it.' };
  if (name.length > maxNameLength)
    return { message: `the name has more than ${maxNameLength} characters`, remedy: 'Shorten it.' };
  return /^(#|\/\/)/.test(rest)
    ? { message: `${name} has a comment instead of a command`, remedy: lineRemedy }
    : undefined;
}
