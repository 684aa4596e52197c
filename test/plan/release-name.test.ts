import { expect, test } from 'vitest';
import { nameRelease } from '../../src/plan/release-name.ts';

const commit = 'a'.repeat(40);
const image = (digit: string) => ({
  commit,
  revision: undefined,
  image: `r.test/shop@sha256:${digit.repeat(64)}`,
});
const files = (letter: string) => ({ commit, revision: letter.repeat(40) });
const tagged = { commit, revision: undefined, image: 'r.test/group/shop:1' };

test.each([
  ['another commit', files('b'), [{ commit: 'c'.repeat(40), revision: 'd'.repeat(40) }], 'aaaaaaaa'],
  ['the same files', files('b'), [files('b')], 'aaaaaaaa'],
  ['a release that built nothing', files('b'), [{ commit, revision: undefined }], 'aaaaaaaa'],
  ['other files', files('b'), [files('d')], 'aaaaaaaa (bbbbbbbb)'],
  ['another image', image('1'), [image('2')], 'aaaaaaaa (11111111)'],
  ['an image by its tag', tagged, [image('2')], 'aaaaaaaa (shop:1)'],
])('a release is named by its commit beside %s', (_, release, others, name) => {
  expect(nameRelease(release, [release, ...others])).toBe(name);
});
