import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readInputs } from '../support/component.ts';

const page = readFileSync(new URL('../../docs/from-the-official-image.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);

test('the pipelines on the page are valid YAML', () => {
  expect(blocks.length).toBeGreaterThan(8);
  for (const text of blocks.flatMap((block) => block.split(/^(?=# after)/m)))
    expect(
      parseAllDocuments(text).flatMap(({ errors }) => errors),
      text,
    ).toEqual([]);
});

test('the components that it includes have the inputs that it sets', () => {
  const includes = blocks
    .filter((text) => /^include:/m.test(text))
    .flatMap((text) => (parse(text) as { readonly include: readonly Include[] }).include);
  expect(includes.map(({ component }) => nameOf(component)).sort()).toEqual(['deploy', 'pipeline', 'review']);
  for (const { component, inputs } of includes)
    expect(Object.keys(readInputs(nameOf(component)))).toEqual(expect.arrayContaining(Object.keys(inputs)));
});

interface Include {
  readonly component: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const nameOf = (component: string): string => /\/(\w+)@/.exec(component)?.[1] ?? '';
