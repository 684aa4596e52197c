import { expect, test } from 'vitest';
import { findSite } from '../../../sandbox/nginx/find-site.ts';

const site = (app: string, ...names: readonly string[]) => ({ app, names, parts: new Map<string, string>() });

const sites = [
  site('one', 'a.example.com', '*.example.com'),
  site('two', 'a.example.com', '*.b.example.com'),
  site('three', 'c.example.com'),
];

test.each([
  ['a.example.com', 'one'],
  ['c.example.com', 'three'],
  ['x.example.com', 'one'],
  ['x.b.example.com', 'two'],
  ['x.y.example.com', 'one'],
  ['example.com', undefined],
])('%s is served by %s: the first exact name, otherwise the longest wildcard', (name, app) => {
  expect(findSite(sites, name)?.app).toBe(app);
});
