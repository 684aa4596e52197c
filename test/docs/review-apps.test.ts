import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

test('the recipe for mail in docs/review-apps.md is a valid configuration', async () => {
  const page = readFileSync(new URL('../../docs/review-apps.md', import.meta.url), 'utf8');
  const [recipe = ''] = /^ {4}review:\n(?: {6}.*\n)+/m.exec(page) ?? [];
  const { config, settings } = await contextOf({ files: { yml: recipe.replace(/^ {4}/gm, '') } });
  expect([config, settings.map(({ key }) => key)]).toEqual([['SMTP_HOST', 'SMTP_PORT'], ['network']]);
});
