import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signedRequest } from '../../src/notify/webhook.ts';
import { aMessage } from '../support/message.ts';

test('a webhook gets the message as JSON, with a signature that its receiver can check', () => {
  const { body, headers } = signedRequest(aMessage(), { key: 'k3y', now: 1_793_620_800_500 });
  expect(JSON.parse(body)).toEqual({ version: 1, ...JSON.parse(JSON.stringify(aMessage())) });
  // What docs/notices.md tells the receiver to do.
  const expected = createHmac('sha256', 'k3y').update(`1793620800.${body}`).digest('hex');
  expect(headers).toEqual({
    'x-dokku-deploy-timestamp': '1793620800',
    'x-dokku-deploy-signature': `sha256=${expected}`,
  });
});

test('another body or another time has another signature', () => {
  const signatureOf = (now: number, title: string) =>
    signedRequest({ ...aMessage(), title }, { key: 'k3y', now }).headers['x-dokku-deploy-signature'];
  const signatures = [signatureOf(1_000, 'a'), signatureOf(2_000, 'a'), signatureOf(1_000, 'b')];
  expect(new Set(signatures).size).toBe(3);
});
