import { expect, test } from 'vitest';
import { isServedUrl, orderUrls } from '../../src/dokku/urls.ts';

test('https comes before http, and a name that can be opened before a wildcard', () => {
  const urls = ['http://*.shop.test', 'http://shop.test', 'https://*.shop.test', 'https://shop.test'];
  expect(orderUrls(urls)).toEqual([
    'https://shop.test',
    'http://shop.test',
    'https://*.shop.test',
    'http://*.shop.test',
  ]);
});

test.each([
  ['http://shop.test', ['shop.test'], true],
  ['https://shop.test:8443/', ['other.test', 'SHOP.test'], true],
  ['http://*.shop.test', ['*.shop.test'], true],
  ['http://shop.test', ['shop.example'], false],
  ['http://dokku.test:32768', [], true],
  ['http://dokku.test', [], false],
  ['not a URL', ['shop.test'], false],
  [undefined, ['shop.test'], false],
])('an app may have the URL %s with the domains %j: %s', (url, domains, isServed) => {
  expect(isServedUrl(url, domains)).toBe(isServed);
});
