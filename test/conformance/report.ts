import { readFileSync, writeFileSync } from 'node:fs';
import { conformancePage, replaceTable, replayAll } from './table.ts';

// Replays the recordings against the sandbox, prints the result and writes it into the documentation.
const compared = await replayAll();
const page = conformancePage(compared);
writeFileSync('docs/sandbox-conformance.md', page);
writeFileSync('docs/sandbox.md', replaceTable(readFileSync('docs/sandbox.md', 'utf8'), compared));
process.stdout.write(page);
