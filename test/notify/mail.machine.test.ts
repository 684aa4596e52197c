import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildMail } from '../../src/notify/mail.ts';
import { aFailedRun, aMessage } from '../support/message.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});

afterAll(() => browser.close());

const mails = [
  ['a success', aMessage()],
  ['a failure with a word that is as long as a line', aMessage(aFailedRun(['x'.repeat(299), '<b>no</b>']))],
] as const;

const shown = async (html: string, width: number): Promise<{ page: Page; asked: string[] }> => {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  await page.setContent(html);
  return { page, asked };
};

describe.each(mails)('the mail of %s, in a browser', (_, message) => {
  test.each([320, 640, 1_200])('fits into %i pixels and fetches nothing', async (width) => {
    const { page, asked } = await shown(buildMail(message).html, width);
    // Evaluated in the page, of which the compiler knows nothing.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(asked).toEqual([]);
    await page.close();
  });

  test('shows its title, each field in a row of its own, and links that can be clicked', async () => {
    const { page } = await shown(buildMail(message).html, 640);
    expect(await page.locator('h1').textContent()).toBe(message.title);
    const rows = await page.locator('tr:has(> td + td)').allInnerTexts();
    expect(rows.map((row) => row.split('\t')[0])).toEqual([
      'Environment',
      ...(message.url ? ['URL'] : []),
      'App',
      'Branch',
      'Commit',
      'By',
      'Took',
    ]);
    const links = page.locator('a', { hasText: /^(Open the app|Job log|Pipeline)$/ });
    expect(await links.count()).toBe(message.url ? 3 : 2);
    for (const link of await links.all()) await link.click({ trial: true });
    await page.close();
  });
});

test('the host’s output is shown as text, not interpreted as HTML', async () => {
  const { page } = await shown(buildMail(mails[1][1]).html, 640);
  expect(await page.locator('pre').textContent()).toContain('<b>no</b>');
  await page.close();
});
