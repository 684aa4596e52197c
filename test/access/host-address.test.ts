import { expect, test } from 'vitest';
import { readHostAddress, readRemoteApp } from '../../src/access/host-address.ts';

test.each([
  ['dokku.example.com', 'dokku', 'dokku.example.com', 22],
  ['dokku.example.com:2222', 'dokku', 'dokku.example.com', 2222],
  ['me@dokku', 'me', 'dokku', 22],
  ['ssh://dokku@dokku.example.com:22/', 'dokku', 'dokku.example.com', 22],
  ['[2001:db8::1]:2222', 'dokku', '2001:db8::1', 2222],
  ['me@[::1]', 'me', '::1', 22],
  [' 10.0.0.1\n', 'dokku', '10.0.0.1', 22],
  ['dokku@dokku.example.com:shop', 'dokku', 'dokku.example.com', 22],
  ['dokku@dokku.example.com:2222', 'dokku', 'dokku.example.com', 2222],
  ['ssh://dokku@dokku.example.com:2222/shop', 'dokku', 'dokku.example.com', 2222],
  ['ssh://dokku.example.com/web_shop.v2/', 'dokku', 'dokku.example.com', 22],
  ['dokku@[::1]:shop', 'dokku', '::1', 22],
])('%j is a host address', (text, user, host, port) => {
  expect(readHostAddress(text)).toEqual({ user, host, port });
});

test.each([
  '',
  'http://x',
  'a b',
  'x:0',
  'x:y',
  'dokku.example.com:app',
  '1.2.3',
  'a@b@c',
  'ssh://dokku:pw@h',
  'dokku:pw@h:22',
  'ssh://dokku:pw@h:22/shop',
  'dokku@h:group/shop',
  'ssh://h/group/shop',
])('%j is not a host address', (text) => {
  expect(readHostAddress(text)).toHaveProperty('problem');
});

test.each([
  ['dokku@dokku.example.com:shop', 'shop'],
  ['ssh://dokku@dokku.example.com:22/shop', 'shop'],
  ['dokku@dokku.example.com:2222', undefined],
  ['ssh://dokku@dokku.example.com:22', undefined],
  ['ssh://dokku@dokku.example.com:22/', undefined],
  ['dokku.example.com', undefined],
])('the app in %j is %s', (text, app) => {
  expect(readRemoteApp(text)).toBe(app);
});
