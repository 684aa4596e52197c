import { mkdirSync, writeFileSync } from 'node:fs';
import { generateDocs } from './doc-pages.ts';

// Writes the pages in docs/ that are generated from tables in the code. A test checks that they are up to date.
mkdirSync('docs', { recursive: true });
for (const [path, text] of Object.entries(await generateDocs())) writeFileSync(path, text);
