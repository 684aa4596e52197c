import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isPlainWord, isSetting, maskUrlPasswords, Secret } from '../src/secret.ts';

test('a secret prints as its name', () => {
  const secret = new Secret('TOKEN', 'hunter2hunter2');
  expect([`${secret}`, JSON.stringify({ secret }), inspect(secret)]).toEqual([
    '[TOKEN]',
    '{"secret":"[TOKEN]"}',
    '[TOKEN]',
  ]);
  expect(secret.reveal()).toBe('hunter2hunter2');
});

test('a password in a URL is starred, and the rest of the line is unchanged', () => {
  expect(maskUrlPasswords('at redis://:abc@dokku-redis-x:6379, see https://dokku.com/docs: a@b')).toBe(
    'at redis://:***@dokku-redis-x:6379, see https://dokku.com/docs: a@b',
  );
});

describe('a value is a setting', () => {
  test.each([
    'production',
    'INFO',
    'Europe/Paris',
    'eu-west-1',
    'en_US',
    '8080',
    '3.12.1',
    'v1.2',
    '2026-11-02',
    '192.168.100.200',
    'https://shop.example.com',
    'http://localhost:3000/',
  ])('such as %s', (value) => {
    expect(isSetting(['MY_ENV', 'RAILS_ENV'], value)).toBe(true);
  });
});

describe('a value is a secret', () => {
  test.each([
    'hunter2',
    's3cret-value',
    'correct-horse-battery-staple',
    'abcdefghijklmnop',
    'aBcDeFgHiJ',
    '0123456789ab',
    '1234567890123',
    'https://hooks.example.com/services/T0/B0',
    'https://me:pw@example.com',
    'mysql://mysql:d4t4@db/x',
    'ein Satz mit Wörtern',
  ])('such as %s', (value) => {
    expect(isSetting(['MY_ENV'], value)).toBe(false);
  });

  test.each([
    'DB_PASSWORD',
    'db_pass',
    'PGPASSWORD',
    'SECRET',
    'SECRET_KEY_BASE',
    'API_KEY',
    'APIKEY',
    'GITHUB_TOKEN',
    'SMTP_PW',
  ])('whatever it looks like in a variable named %s', (name) => {
    expect(isSetting(['MY_ENV', name], 'production')).toBe(false);
  });
});

test.each(['KEYCLOAK_REALM', 'PASSENGER_APP_ENV', 'MONKEY', 'COMPASS', 'PINNED'])(
  'the name %s suggests no secret',
  (name) => {
    expect(isSetting([name], 'production')).toBe(true);
  },
);

test.each(['1234', 'twelve-chars-and-more', 'zażółć', 'a b  c', 'x9'])('%j is not a plain word', (text) => {
  expect(isPlainWord(text)).toBe(false);
});
