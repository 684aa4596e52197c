import { existsSync, readFileSync } from 'node:fs';

/** The commands of an app's processes, by type and in alphabetical order. */
export type Procfile = ReadonlyMap<string, string>;

/** Reads a Procfile. Returns undefined if it does not exist, and an Error with the text of Dokku's parser if it is invalid. */
export function readProcfile(file: string): Procfile | Error | undefined {
  return existsSync(file) ? parseProcfile(readFileSync(file, 'utf8')) : undefined;
}

/** Parses a Procfile by the rules of `procfile-util`, which Dokku uses: one bad line makes the whole file invalid. */
export function parseProcfile(text: string): Procfile | Error {
  const commands = new Map<string, string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('//')) continue;
    const problem = addLine(commands, line);
    if (problem !== undefined) return new Error(`${problem}, line ${index + 1}`);
  }
  if (commands.size === 0) return new Error('no entries found in Procfile');
  return new Map([...commands].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Adds the command of a line. Returns what is wrong with the line, if anything. */
function addLine(commands: Map<string, string>, line: string): string | undefined {
  const [, type, rest] = /^([A-Za-z0-9_-]+)\s*:\s*(.+)$/.exec(line) ?? [];
  if (type === undefined || rest === undefined) return 'invalid line in procfile';
  if (type.length > 63) return 'process name over 63 characters';
  if (commands.has(type)) return 'process names must be unique';
  const command = withoutComment(rest);
  if (/^(#|\/\/)/.test(command)) return 'comment specified in place of command';
  if (command === '') return 'no command specified';
  commands.set(type, command);
  return undefined;
}

/** Removes a comment from the end of a command. It must follow a space; of several, only the last is removed. */
function withoutComment(command: string): string {
  const [, before] = /^(.*)\s#.+$/.exec(command) ?? /^(.*)\s\/\/.+$/.exec(command) ?? [];
  return (before ?? command).trim();
}
