import { writeFileSync } from 'node:fs';
import { conformancePage, replayAll } from './table.ts';

// Replays the recordings against the sandbox, prints the table and writes it into the documentation.
const page = conformancePage(await replayAll());
writeFileSync('docs/sandbox-conformance.md', page);
process.stdout.write(page);
