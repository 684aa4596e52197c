import { isAbsolute } from 'node:path';
import type { JobInput } from '../environment/job-input.ts';
import { expandVariables } from './expansion.ts';

/**
 * Reads the files that the certificate and key of `tls` name: the value of a file-type variable is a path. Returns their contents
 * by path.
 */
export async function readSettingFiles(
  { tls }: Readonly<Record<string, unknown>>,
  { env, readFile }: Pick<JobInput, 'env' | 'readFile'>,
): Promise<ReadonlyMap<string, string>> {
  const values = Object.values(typeof tls === 'object' && tls !== null ? tls : {});
  const paths = values
    .map((value) => expandVariables(String(value), env).value.trim())
    .filter((value) => isAbsolute(value) && !value.includes('\n'));
  const files = await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const));
  return new Map(files.flatMap(([path, file]) => ('text' in file ? [[path, file.text] as const] : [])));
}
