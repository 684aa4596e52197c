/** A test case as GitLab's parser reads it. */
export interface ReadTestCase {
  readonly suite: string;
  readonly name: string;
  /** Seconds. */
  readonly time: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/**
 * Reads a JUnit report by the rules of XML 1.0 and of GitLab's parser (lib/gitlab/ci/parsers/test/junit.rb). Throws for a document
 * that is not well-formed.
 */
export const readJunit = (xml: string): ReadTestCase[] => {
  const cases: ReadTestCase[] = [];
  const open: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[] = [];
  let current: ReadTestCase | undefined;
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const forbidden = [...body].some(
    (one) => (one < ' ' && one !== '\n' && one !== '\t') || /[\ufffe\uffff]/.test(one),
  );
  if (forbidden || !body.isWellFormed()) throw new Error('a character that XML does not allow');
  for (const [, end, name = '', attributes = '', empty, text = ''] of body.matchAll(
    /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+|<)/g,
  )) {
    if (name === '') {
      if (text.includes('<')) throw new Error('not well-formed');
      if (open.at(-1)?.name === 'failure' && current)
        current = { ...current, text: current.text + decodeEntities(text) };
      else if (text.trim() !== '') throw new Error(`text outside of an element: ${text}`);
      continue;
    }
    if (end === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
      if (name === 'testcase' && current) cases.push(current);
      continue;
    }
    const values = Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        decodeEntities(value),
      ]),
    );
    if (name === 'testcase') {
      current = {
        suite: values.classname ?? '',
        name: values.name ?? '',
        time: Number(values.time),
        outcome: 'passed',
        text: '',
      };
      if (empty) cases.push(current);
    } else if (current && (name === 'failure' || name === 'skipped')) {
      current = { ...current, outcome: name === 'failure' ? 'failed' : 'skipped' };
    }
    if (!empty) open.push({ name, attributes: values });
  }
  if (open.length > 0) throw new Error('an element is not closed');
  return cases;
};

const decodeEntities = (text: string): string => {
  if (/&(?!(amp|lt|gt|quot);)/.test(text)) throw new Error(`an entity that is not declared: ${text}`);
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
};
