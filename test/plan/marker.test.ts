import { expect, test } from 'vitest';
import { formatMarker, isOwnedBy, type Marker, parseMarker, parseServices } from '../../src/plan/marker.ts';

const marker: Marker = {
  projectId: '42',
  project: 'group/sub/shop',
  ref: 'feature/Ajout-du-prénom_2 & "more" \\ = 😀',
  environment: undefined,
  services: [{ plugin: 'mysql', name: 'a-database' }],
};

test('a marker is read back as it was written, whatever the branch is called', () => {
  expect(parseMarker(formatMarker(marker))).toEqual(marker);
});

test('a marker contains nothing that Dokku’s configuration would change', () => {
  expect(formatMarker(marker)).toMatch(/^[A-Za-z0-9%&=+._*-]+$/);
});

test.each(['', 'yes', '{"project":"a"}', 'format=v2&project=a&ref=b'])('%j is not a marker', (value) => {
  expect(parseMarker(value)).toBeUndefined();
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
