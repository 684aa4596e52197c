import { expect, test } from 'vitest';
import { formatMarker, isOwnedBy, type Marker, parseMarker, parseServices } from '../../src/plan/marker.ts';

const marker: Marker = {
  app: 'fix',
  projectId: '42',
  project: 'group/sub/shop',
  ref: 'feature/Ajout-du-prénom_2 & "more" \\ = 😀',
  environment: undefined,
  services: [{ plugin: 'mysql', name: 'a-database' }],
};

test('a marker is read back as it was written, whatever the branch is called', () => {
  expect(parseMarker(formatMarker(marker), 'fix')).toEqual(marker);
});

test('a marker of an earlier version, which names no app, is read too', () => {
  const old = { ...marker, app: undefined };
  expect(parseMarker(formatMarker(old), 'fix')).toEqual(old);
});

test.each([
  ['of another app', formatMarker({ ...marker, app: 'shop' })],
  ['in another order', 'format=v1&ref=b&project=a&services='],
  ['with a field more', 'format=v1&project=a&ref=b&services=&x=1'],
  ['with a field twice', 'format=v1&project=a&ref=b&ref=c&services='],
  ['with its services not encoded', 'format=v1&project=a&ref=b&services=redis:x'],
  ['with an entry that is not a service', 'format=v1&project=a&ref=b&services=redis%3Ax%2C--force'],
])('a marker %s is not read as one', (_, value) => {
  expect(parseMarker(value, 'fix')).toBeUndefined();
});

test('a marker contains nothing that Dokku’s configuration would change', () => {
  expect(formatMarker(marker)).toMatch(/^[A-Za-z0-9%&=+._*-]+$/);
});

test.each(['', 'yes', '{"project":"a"}', 'format=v2&project=a&ref=b'])('%j is not a marker', (value) => {
  expect(parseMarker(value, 'fix')).toBeUndefined();
});

test('an entry of a list that is not a service is ignored: nothing else is ever destroyed', () => {
  expect(parseServices('mysql:a,,x,redis:b c,--force:x,postgres:c-1')).toEqual([
    { plugin: 'mysql', name: 'a' },
    { plugin: 'postgres', name: 'c-1' },
  ]);
});

test('the project’s path decides the owner where there is no project id', () => {
  const job = { project: { id: undefined, path: marker.project }, ref: marker.ref };
  expect(isOwnedBy(marker, job)).toBe(true);
  expect(isOwnedBy(marker, { ...job, project: { id: undefined, path: 'group/other' } })).toBe(false);
});
