import { describe, expect, test } from 'vitest';
import { buildMail } from '../../src/notify/mail.ts';
import { aFailedRun, aMessage } from '../support/message.ts';

describe('a mail', () => {
  test('has a text version', async () => {
    const mails = [buildMail(aMessage()), buildMail(aMessage(aFailedRun()))];
    const text = mails
      .map(({ subject, text: words }) => `Subject: ${subject}\n\n${words}`)
      .join('\n=====\n\n');
    await expect(text).toMatchFileSnapshot('../golden/notifications/mail.txt');
  });

  test('has an HTML version', async () => {
    const mails = [buildMail(aMessage()), buildMail(aMessage(aFailedRun()))];
    await expect(mails.map(({ html }) => html).join('\n')).toMatchFileSnapshot(
      '../golden/notifications/mail.html',
    );
  });

  test('escapes HTML in all values', () => {
    const { html } = buildMail({
      ...aMessage(aFailedRun(['<script>alert(1)</script>'])),
      ref: '"><img src=x>',
      title: '<b>',
    });
    expect(html).not.toMatch(/<script|<img|<b>/);
    expect(html).toContain('&lt;script&gt;');
  });
});
