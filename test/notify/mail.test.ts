import { describe, expect, test } from 'vitest';
import { buildMail } from '../../src/notify/mail.ts';
import { aFailedRun, aMessage } from '../support/message.ts';

describe('a mail', () => {
  test('says in text what happened', async () => {
    const letters = [buildMail(aMessage()), buildMail(aMessage(aFailedRun()))];
    const text = letters
      .map(({ subject, text: words }) => `Subject: ${subject}\n\n${words}`)
      .join('\n=====\n\n');
    await expect(text).toMatchFileSnapshot('../golden/notices/mail.txt');
  });

  test('says the same in HTML', async () => {
    const letters = [buildMail(aMessage()), buildMail(aMessage(aFailedRun()))];
    await expect(letters.map(({ html }) => html).join('\n')).toMatchFileSnapshot(
      '../golden/notices/mail.html',
    );
  });

  test('has no markup but its own', () => {
    const { html } = buildMail({
      ...aMessage(aFailedRun(['<script>alert(1)</script>'])),
      ref: '"><img src=x>',
      title: '<b>',
    });
    expect(html).not.toMatch(/<script|<img|<b>/);
    expect(html).toContain('&lt;script&gt;');
  });
});
