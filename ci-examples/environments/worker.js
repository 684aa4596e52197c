import { setInterval } from 'node:timers/promises';
import { list } from './store.js';

process.on('SIGTERM', () => process.exit());

for await (const _ of setInterval(60_000)) console.log(`${(await list()).length} files`);
