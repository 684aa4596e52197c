import { mkdirSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';
import { parseLog, renderLogPage } from './log-page.ts';
import { renderMergeRequestPage } from './merge-request-page.ts';
import { recordRealRun } from './real-run.ts';

// `npm run pictures`, as root, on a machine with Chromium (Debian: chromium fonts-dejavu-core fonts-noto-color-emoji): renders the
// pictures in the documentation from the output of a real run.
const { log, mail, mergeRequest } = await recordRealRun();
const { html } = await simpleParser(mail);
if (!html) throw new Error('the mail has no HTML part');

const pages = [
  { name: 'job-log', page: renderLogPage(parseLog(log), 20), element: 'main', width: 960 },
  { name: 'merge-request', page: renderMergeRequestPage(mergeRequest), element: 'main', width: 900 },
  { name: 'mail', page: html, element: 'body', width: 640 },
];

mkdirSync('docs/pictures', { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const { name, page, element, width } of pages) {
    const tab = await browser.newPage({ viewport: { width, height: 400 }, deviceScaleFactor: 1.5 });
    await tab.setContent(page);
    await tab.locator(element).screenshot({ path: `docs/pictures/${name}.png` });
    process.stdout.write(`docs/pictures/${name}.png\n`);
  }
} finally {
  await browser.close();
}
