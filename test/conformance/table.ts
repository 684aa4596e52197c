import { differingRecords, skippedRecords } from './exceptions.ts';
import { groups } from './records.ts';
import { type Comparison, replay, type Verdict } from './replay.ts';

const verdicts: readonly Verdict[] = ['same', 'same exit, other words', 'different', 'not offered'];

/** Replays all groups, each against its own sandbox, four at a time. Returns the results in the groups' order. */
export const replayAll = async (): Promise<Comparison[]> => {
  const waiting = [...groups.entries()];
  const answers: Comparison[][] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) answers[next[0]] = await replay(next[1]);
  };
  await Promise.all([work(), work(), work(), work()]);
  return answers.flat();
};

/** Returns the share of records with the same output (0 to 1), among the commands that the sandbox has. */
export const computeSameShare = (compared: readonly Comparison[]): number => {
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered');
  return offered.filter(({ verdict }) => verdict === 'same').length / offered.length;
};

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** Returns a Markdown table of the verdicts per command. */
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

/** Returns a sentence on what was replayed and the share that is the same. */
export const conformanceSummary = (compared: readonly Comparison[]): string => {
  const share = (computeSameShare(compared) * 100).toFixed(1);
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered').length;
  return `${compared.length} recorded commands were replayed (groups ${groups.join(', ')}). Of the ${offered} that the
sandbox offers, ${share} % have the same words and exit code.`;
};

/** Returns the whole page: the table per command, and the exceptions with their reasons. */
export const conformancePage = (compared: readonly Comparison[]): string =>
  `# How the sandbox compares with a recorded Dokku 0.38.27

<!-- Made by \`npm run conformance\`. Do not edit. -->

${conformanceSummary(compared)} The others are listed below, each with the reason. Parts of the output
that differ from host to host (ids, times, addresses, the output of builders and programs) are not compared;
\`test/conformance/normalise.ts\` lists them. The groups lock and lock2 run two commands at once and are covered by
\`test/sandbox/openssh.machine.test.ts\`; the group timing is used by \`--pace recorded\`.

${conformanceTable(compared)}

## Exceptions

${Object.entries({ ...differingRecords, ...skippedRecords })
  .map(([id, reason]) => `- ${id}: ${reason}`)
  .join('\n')}
`;

const begin = '<!-- npm run conformance writes from here -->';
const end = '<!-- to here -->';

/** Returns the sandbox's page with this run's table between its markers. Throws if the page has no markers. */
export const replaceTable = (page: string, compared: readonly Comparison[]): string => {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${begin} … ${end}`);
  return `${before}${begin}

${conformanceSummary(compared)}

${conformanceTable(compared)}

${end}${after}`;
};
