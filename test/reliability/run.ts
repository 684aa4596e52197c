import { tryFaultedPlans } from './faulted-plans.ts';
import { tryHostileAnswers } from './hostile-answers.ts';
import { tryLeaks } from './leaks.ts';
import { tryRaces } from './races.ts';
import { tryRandomTrees } from './random-trees.ts';
import { type Effort, formatTable, type Row } from './table.ts';

/** The parts by the word that names each on the command line. */
const parts: ReadonlyMap<string, (effort: Effort) => Promise<Row[]>> = new Map([
  ['plans', tryFaultedPlans],
  ['races', tryRaces],
  ['leaks', tryLeaks],
  ['hostile', tryHostileAnswers],
  ['trees', tryRandomTrees],
]);

// npm run reliability [-- PART …] [-- --share 0.1] [-- --seed 7] [-- --only rollback]: the table, and exit 1 where anything went wrong.
const words = process.argv.slice(2);
const effort: Effort = {
  share: Number(option('share') ?? 1),
  seed: Number(option('seed') ?? 1),
  only: option('only'),
};
const chosen = words.filter((word) => parts.has(word));
const rows: Row[] = [];
for (const [name, tryPart] of parts) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await tryPart(effort)));
}
process.stdout.write(`${formatTable(rows)}\n`);
process.exit(rows.some(({ wrong }) => wrong.length > 0) ? 1 : 0);

function option(name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  return at === -1 ? undefined : words[at + 1];
}
