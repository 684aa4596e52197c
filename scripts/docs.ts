import { mkdirSync, writeFileSync } from 'node:fs';
import { generateDocs } from './doc-pages.ts';

// Writes the pages of docs/ that are made from the code's own tables. A test keeps them up to date.
mkdirSync('docs', { recursive: true });
for (const [path, text] of Object.entries(await generateDocs())) writeFileSync(path, text);
