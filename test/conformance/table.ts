import { differingRecords, skippedRecords } from './exceptions.ts';
import { groups } from './records.ts';
import { type Comparison, replay, type Verdict } from './replay.ts';

const verdicts: readonly Verdict[] = ['same', 'same exit, other words', 'different', 'not offered'];

/** Replays all groups, each against a sandbox of its own, a few at a time: the answers come in the groups' order. */
export const replayAll = async (): Promise<Comparison[]> => {
  const waiting = [...groups.entries()];
  const answers: Comparison[][] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) answers[next[0]] = await replay(next[1]);
  };
  await Promise.all([work(), work(), work(), work()]);
  return answers.flat();
};

/** Of the offered records' words, how many are the same (0 to 1). */
export const computeSameShare = (compared: readonly Comparison[]): number => {
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered');
  return offered.filter(({ verdict }) => verdict === 'same').length / offered.length;
};

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** How many records of each command fared how, as a table. */
export const conformanceTable = (compared: readonly Comparison[]): string => {
  const commands = [...new Set(compared.map(({ command }) => command))].sort();
  const count = (command: string, verdict: Verdict) =>
    compared.filter((one) => one.command === command && one.verdict === verdict).length || '';
  const cell = (command: string) =>
    `\`${command.replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('`', '')}\``;
  const rows = commands.map((command) =>
    row([cell(command), ...verdicts.map((verdict) => count(command, verdict))]),
  );
  return [row(['command', ...verdicts]), row(['---', ...verdicts.map(() => '---')]), ...rows].join('\n');
};

/** What was replayed, and how much of it is the same. */
export const conformanceSummary = (compared: readonly Comparison[]): string => {
  const share = (computeSameShare(compared) * 100).toFixed(1);
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered').length;
  return `${compared.length} recorded commands were replayed (groups ${groups.join(', ')}). Of the ${offered} that the
sandbox offers, ${share} % have the same words and exit code.`;
};

/** The table per command, and the exceptions with their reasons, as a page. */
export const conformancePage = (compared: readonly Comparison[]): string =>
  `# How the sandbox compares with a recorded Dokku 0.38.27

<!-- Made by \`npm run conformance\`. Do not edit. -->

${conformanceSummary(compared)} Of the others each is listed below with its reason. What cannot be equal
from host to host (ids, times, addresses, what a builder or a program prints) is left out of the comparison:
\`test/conformance/normalise.ts\` lists it. The groups lock and lock2, which are about two commands at once, are looked at by
\`test/sandbox/openssh.machine.test.ts\`, the group timing by \`--pace recorded\`.

${conformanceTable(compared)}

## Exceptions

${Object.entries({ ...differingRecords, ...skippedRecords })
  .map(([id, reason]) => `- ${id}: ${reason}`)
  .join('\n')}
`;

const begin = '<!-- npm run conformance writes from here -->';
const end = '<!-- to here -->';

/** The sandbox's own page with the table of this run in its place. Throws when the page has no place for it. */
export const replaceTable = (page: string, compared: readonly Comparison[]): string => {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${begin} … ${end}`);
  return `${before}${begin}

${conformanceSummary(compared)}

${conformanceTable(compared)}

${end}${after}`;
};
