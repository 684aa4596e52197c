import { expect, test } from 'vitest';
import { z } from 'zod';
import { formatAnnotations, isAnnotations } from '../../src/report/annotations.ts';

/** GitLab's schemas ci_job_annotation_data.json and ci_job_external_link_data.json, which allow no other keys. */
const gitlabSchema = z.record(
  z.string(),
  z
    .array(z.strictObject({ external_link: z.strictObject({ label: z.string(), url: z.string() }) }))
    .max(1_000),
);
const maxBytes = 80 * 1024;

const linksIn = (text: string) =>
  (gitlabSchema.parse(JSON.parse(text))['dokku-deploy'] ?? []).map(({ external_link: link }) => link);

test('links are one section of GitLab’s schema', () => {
  const links = [{ label: 'Commit 0123abcd', url: 'https://gitlab.example.com/a/b/-/commit/0123abcd' }];
  const text = formatAnnotations(links);
  expect(linksIn(text)).toEqual(links);
  expect(isAnnotations(text)).toBe(true);
});

test('a run without links has an empty section, which is recognised', () => {
  expect(linksIn(formatAnnotations([]))).toEqual([]);
  expect(isAnnotations(formatAnnotations([]))).toBe(true);
});

test.each(['javascript:alert(1)', 'not a url', `https://x.test/${'a'.repeat(500)}`, ''])(
  'a URL that a browser must not open or that is too long is left out: %s',
  (url) => {
    expect(linksIn(formatAnnotations([{ label: 'bad', url }]))).toEqual([]);
  },
);

test('the file stays below GitLab’s limits whatever the host answers', () => {
  const links = Array.from({ length: 5_000 }, (_, number) => ({
    label: `あ\u001b[31m\n${'あ'.repeat(300)}`,
    url: `https://x.test/${number}/${'あ'.repeat(470)}`,
  }));
  const text = formatAnnotations(links);
  expect(linksIn(text).length).toBe(40);
  expect(Buffer.byteLength(text)).toBeLessThan(maxBytes);
  expect(text).not.toContain('\\u001b');
});
