/**
 * Returns `source.root` of a configuration file's text, '' if it names none. The folder is needed before the file is
 * validated, to find app.json; what is wrong with the file is reported later, by the context.
 */
export async function readSourceRoot(text: string | undefined): Promise<string> {
  if (text === undefined || !/\broot\b/.test(text)) return '';
  const { parseDocument } = await import('yaml');
  try {
    const root: unknown = parseDocument(text).getIn(['source', 'root']);
    return typeof root === 'string' ? root : '';
  } catch {
    return '';
  }
}
