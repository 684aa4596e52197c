import type { Answer, Command } from '../dokku/command.ts';
import { notJsonError, refusedError } from '../dokku/refusal-errors.ts';

/**
 * Reads the answer of an `X:report APP --format json`: its values by key. `command` is what was asked.
 *
 * Throws `host-refused` for a refusal, and for an answer that is not a report.
 */
export function readReport(answer: Answer | undefined, command: Command): ReadonlyMap<string, string> {
  const parsed = readJson(answer, command);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw notJsonError(command, new SyntaxError('the report is not a JSON object'));
  return new Map(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
}

/** Reads an answer that is JSON. Throws as `readReport` does. */
export function readJson(answer: Answer | undefined, command: Command): unknown {
  if (answer === undefined) throw new Error('a question of a setting was not asked');
  if (answer.kind === 'refused') throw refusedError(command, answer);
  try {
    return JSON.parse(answer.stdout);
  } catch (error) {
    throw error instanceof SyntaxError ? notJsonError(command, error) : error;
  }
}

/** Reads an answer that is a JSON list of objects: the texts of one key. What has another form is left out. Throws as `readReport` does. */
export function readColumn(answer: Answer | undefined, command: Command, key: string): string[] {
  const parsed = readJson(answer, command);
  return (Array.isArray(parsed) ? parsed : []).flatMap((one: unknown) => {
    const value = typeof one === 'object' && one !== null ? new Map(Object.entries(one)).get(key) : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

/** Returns the words of a report's value, which are separated by spaces. */
export function splitWords(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '');
}
