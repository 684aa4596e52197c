import { describe, expect, test } from 'vitest';
import { fullName, nameByDigest, parseImageReference } from '../../src/context/image-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

/** The server, the path and what follows, as the registry is asked. */
const partsOf = (text: string) => {
  const reference = parseImageReference(text);
  return reference && [reference.server, reference.repository, reference.digest ?? reference.tag];
};

describe('parseImageReference', () => {
  test.each([
    ['alpine', ['docker.io', 'library/alpine', 'latest']],
    ['grafana/grafana:11', ['docker.io', 'grafana/grafana', '11']],
    ['index.docker.io/grafana/grafana', ['docker.io', 'grafana/grafana', 'latest']],
    ['registry.test/group/app:0.1', ['registry.test', 'group/app', '0.1']],
    ['127.0.0.1:5000/a__b/c-d.e', ['127.0.0.1:5000', 'a__b/c-d.e', 'latest']],
    ['localhost/app', ['localhost', 'app', 'latest']],
    ['foo:5000', ['docker.io', 'library/foo', '5000']],
    [`registry.test/app:1@${digest}`, ['registry.test', 'app', digest]],
  ])('reads %s as Docker does', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test.each([
    ['upper case in the path', 'registry.test/App'],
    ['an empty name', ''],
    ['a space', 'registry.test/app 1'],
    ['a URL', 'https://registry.test/app'],
    ['a tag that begins with a dot', 'app:.1'],
    ['two tags', 'app:1:2'],
    ['a digest that is cut off', 'app@sha256:abc'],
    ['two dots in the path', 'registry.test/a..b'],
    ['a path of more than 255 characters', `registry.test/${'a'.repeat(256)}`],
    ['a quote', 'registry.test/app";x'],
    ['a flag', '--force'],
  ])('refuses %s', (_, text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });

  test('takes linear time for a long text', () => {
    const start = performance.now();
    expect(parseImageReference(`a${'-a'.repeat(100_000)}!`)).toBeUndefined();
    expect(parseImageReference(`a:${'b'.repeat(200_000)}`)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

test('the name by digest has no tag, so that two tags of one content are one name', () => {
  const reference = parseImageReference('registry.test/app:1');
  expect(reference && nameByDigest(reference, digest)).toBe(`registry.test/app@${digest}`);
});

test('the full name has the tag that Docker would assume', () => {
  const names = ['alpine', 'alpine:3', `alpine@${digest}`].map((text) => parseImageReference(text));
  expect(names.map((name) => name && fullName(name))).toEqual([
    'alpine:latest',
    'alpine:3',
    `alpine@${digest}`,
  ]);
});
