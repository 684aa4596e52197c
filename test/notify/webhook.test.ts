import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { signRequest } from '../../src/notify/webhook.ts';
import { aMessage } from '../support/message.ts';

test('a webhook receives the message as JSON, with a signature that its receiver can verify', () => {
  const { body, headers } = signRequest(aMessage(), { key: 'k3y', now: 1_793_620_800_500 });
  expect(JSON.parse(body)).toEqual({ version: 1, ...JSON.parse(JSON.stringify(aMessage())) });
  const expected = createHmac('sha256', 'k3y').update(`1793620800.${body}`).digest('hex');
  expect(headers).toEqual({
    'x-dokku-deploy-timestamp': '1793620800',
    'x-dokku-deploy-signature': `sha256=${expected}`,
  });
});

test('another body or another time has another signature', () => {
  const signatureOf = (now: number, title: string) =>
    signRequest({ ...aMessage(), title }, { key: 'k3y', now }).headers['x-dokku-deploy-signature'];
  const signatures = [signatureOf(1_000, 'a'), signatureOf(2_000, 'a'), signatureOf(1_000, 'b')];
  expect(new Set(signatures).size).toBe(3);
});

type Check = (request: { headers: Readonly<Record<string, string>> }, body: string, key: string) => boolean;

/** The receiver that docs/notifications.md shows. */
const documented = (): Check => {
  const page = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
  const code = /^ {4}const \{ createHmac.*?^ {4}\};$/ms.exec(page)?.[0];
  return new Function('require', `${code}\nreturn isGood;`)(createRequire(import.meta.url)) as Check;
};

test('the receiver in the documentation accepts only fresh messages with a valid signature', () => {
  const isGood = documented();
  const { body, headers } = signRequest(aMessage(), { key: 'k3y', now: Date.now() });
  const old = signRequest(aMessage(), { key: 'k3y', now: Date.now() - 400_000 });
  expect(isGood({ headers }, body, 'k3y')).toBe(true);
  const bad = [
    isGood({ headers }, `${body} `, 'k3y'),
    isGood({ headers }, body, 'other'),
    isGood({ headers: { ...headers, 'x-dokku-deploy-signature': 'sha256=0' } }, body, 'k3y'),
    isGood({ headers: {} }, body, 'k3y'),
    isGood(old, old.body, 'k3y'),
  ];
  expect(bad).toEqual([false, false, false, false, false]);
});
