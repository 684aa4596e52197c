import { mkdirSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';
import { readLog, renderLogPage } from './log-page.ts';
import { renderNotePage } from './note-page.ts';
import { recordRealRun } from './real-run.ts';

// `npm run pictures`, as root, on a machine with Chromium (Debian: chromium fonts-dejavu-core fonts-noto-color-emoji): makes the
// pictures of the documentation from what a real run leaves.
const { log, note, mail } = await recordRealRun();
const { html } = await simpleParser(mail);
if (!html) throw new Error('the mail has no HTML');

const pages = [
  { name: 'job-log', page: renderLogPage(readLog(log), 20), part: 'main', width: 960 },
  { name: 'merge-request-note', page: renderNotePage(note, 'Dokku deployer'), part: 'main', width: 790 },
  { name: 'mail', page: html, part: 'body', width: 640 },
];

mkdirSync('docs/pictures', { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const { name, page, part, width } of pages) {
    const tab = await browser.newPage({ viewport: { width, height: 400 }, deviceScaleFactor: 1.5 });
    await tab.setContent(page);
    await tab.locator(part).screenshot({ path: `docs/pictures/${name}.png` });
    process.stdout.write(`docs/pictures/${name}.png\n`);
  }
} finally {
  await browser.close();
}
