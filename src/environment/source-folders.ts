import { posix } from 'node:path';

/** Returns a relative folder in one form: `./apps/api/` → `apps/api`; '' for the folder itself. */
export function normalizeFolder(folder: string): string {
  return posix.join('/', folder).replace(/^\/|\/$/g, '');
}

/** Whether a path names a folder inside the project. */
export function isProjectFolder(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/**
 * Returns the folders that a configuration file's text may name as what is shipped (`source.root` and `source.dir`, at the
 * top level, in `review` and in each environment), normalized. They are needed before the file is validated, to read
 * app.json; what is wrong with the file is reported later, by the context.
 */
export async function listSourceFolders(text: string | undefined): Promise<string[]> {
  if (text === undefined || !/\b(root|dir)\b/.test(text)) return [];
  const { parseDocument } = await import('yaml');
  try {
    const file: unknown = parseDocument(text).toJS();
    const blocks = [file, child(file, 'review'), ...Object.values(child(file, 'environments') ?? {})];
    const sources = blocks.map((block) => child(block, 'source'));
    return sources.flatMap((source) =>
      [child(source, 'root'), child(source, 'dir')].flatMap((folder) =>
        typeof folder === 'string' ? [normalizeFolder(folder)] : [],
      ),
    );
  } catch {
    return [];
  }
}

function child(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
