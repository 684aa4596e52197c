import type { Problem } from '../problems.ts';
import { checkConfigKey } from './config-keys.ts';
import type { DeclaredVariable, Warning } from './context.ts';
import { isRecord, type JsonDocument } from './json-document.ts';
import { checkValue } from './values.ts';

/** What `env` of app.json declares, and what is wrong with it. */
interface DeclaredEnv {
  readonly variables: readonly DeclaredVariable[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads `env` of app.json: for each key a value, or an object with `value`, `generator`, `required` (default: true) and
 * `sync`, as https://dokku.com/docs/appendices/file-formats/app-json/ and Heroku's schema define them.
 */
export function readDeclaredEnv(env: unknown, positionOf: JsonDocument['positionOf']): DeclaredEnv {
  const variables: DeclaredVariable[] = [];
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  for (const [key, entry] of Object.entries(isRecord(env) ? env : {})) {
    const where = positionOf('env', key);
    const variable = readVariable(key, entry, where);
    const wrong = variable ? checkVariable(variable) : notAValue;
    if (wrong) problems.push({ where, message: `env.${key}: ${wrong.message}`, remedy: wrong.remedy });
    if (!variable) continue;
    if (hasOtherScalar(entry)) {
      const message = `env.${key}: Dokku accepts only text here; put the value in quotes`;
      warnings.push({ about: where, message });
    }
    variables.push(variable);
  }
  return { variables, problems, warnings };
}

type Wrong = Pick<Problem, 'message' | 'remedy'>;

const notAValue: Wrong = {
  message: 'not text and not an object',
  remedy: 'Write a text, or an object with value, generator or required.',
};

function readVariable(key: string, entry: unknown, where: string): DeclaredVariable | undefined {
  if (isScalar(entry)) return { key, value: String(entry), generator: undefined, required: false, where };
  if (!isRecord(entry)) return undefined;
  const { value, generator, required } = entry;
  // As in Dokku, an empty value does not count.
  const text = isScalar(value) && value !== '' ? String(value) : undefined;
  return {
    key,
    value: text,
    generator: generator === 'secret' ? 'secret' : undefined,
    required: required !== false,
    where,
  };
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function hasOtherScalar(entry: unknown): boolean {
  const value = isRecord(entry) ? entry.value : entry;
  return isScalar(value) && typeof value !== 'string';
}

function checkVariable({ key, value }: DeclaredVariable): Wrong | undefined {
  return checkConfigKey(key) ?? (value === undefined ? undefined : checkValue(value));
}
