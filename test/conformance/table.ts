import { differingRecords, skippedRecords } from './exceptions.ts';
import { recordings } from './records.ts';
import { type Comparison, replay, type Verdict } from './replay.ts';

const verdicts: readonly Verdict[] = ['same', 'same exit, other words', 'different', 'not offered'];

/** Replays all groups, each against its own sandbox, four at a time. Returns the results in the groups' order. */
export async function replayAll(): Promise<Comparison[]> {
  const waiting = [...Object.values(recordings).flat().entries()];
  const results: Comparison[][] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await replay(next[1]);
  };
  await Promise.all([work(), work(), work(), work()]);
  return results.flat();
}

/** Returns the results of one recording. */
export function ofRecording(
  compared: readonly Comparison[],
  recording: keyof typeof recordings,
): readonly Comparison[] {
  const groups: readonly string[] = recordings[recording];
  return compared.filter(({ group }) => groups.includes(group));
}

/** How many records have the recorded exit code and the recorded output. */
export interface Shares {
  readonly records: number;
  readonly exits: number;
  readonly same: number;
}

/** Counts the records that match. A command that the sandbox doesn't have matches in neither. */
export function countMatches(compared: readonly Comparison[]): Shares {
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered');
  return {
    records: compared.length,
    exits: offered.filter(({ verdict }) => verdict !== 'different').length,
    same: offered.filter(({ verdict }) => verdict === 'same').length,
  };
}

/** Returns the share of records with the same output (0 to 1), among the commands that the sandbox has. */
export function computeSameShare(compared: readonly Comparison[]): number {
  const offered = compared.filter(({ verdict }) => verdict !== 'not offered');
  return offered.filter(({ verdict }) => verdict === 'same').length / offered.length;
}

/** Returns the whole page: the tables per group and per command, and the exceptions with their reasons. */
export function conformancePage(compared: readonly Comparison[]): string {
  return `# How the sandbox compares with a recorded Dokku 0.38.27

<!-- Made by \`npm run conformance\`. Do not edit. -->

${conformanceSummary(compared)}

Parts of the output that differ from host to host (ids, times, addresses, the output of builders and programs) are not
compared; \`test/conformance/normalise.ts\` lists them. Records of two commands at once and of a terminal are not replayed.
Of the first recording, the groups lock and lock2 are covered by \`test/sandbox/openssh.machine.test.ts\`, and the group timing
is used by \`--pace recorded\`.

${groupTable(compared)}

${conformanceTable(compared)}

## Exceptions

${Object.entries({ ...differingRecords, ...skippedRecords })
  .map(([id, reason]) => `- ${id}: ${reason}`)
  .join('\n')}
`;
}

/** Returns what was replayed and the share that is the same, in a few sentences. */
export function conformanceSummary(compared: readonly Comparison[]): string {
  const describe = (recording: keyof typeof recordings): string => {
    const all = ofRecording(compared, recording);
    const offered = all.filter(({ verdict }) => verdict !== 'not offered');
    const share = (computeSameShare(all) * 100).toFixed(1);
    return `${all.length} records, of which the sandbox has the command of ${offered.length}; of these ${
      countMatches(all).exits
    } have the same exit code and ${share} % the same output`;
  };
  return `Two recordings of a real host were replayed. The first covers the commands that dokku-deploy uses:
${describe('first')}. The second covers commands for later features:
${describe('second')}.`;
}

/** Returns a Markdown table of the matches per group. */
export function groupTable(compared: readonly Comparison[]): string {
  const groups = [...new Set(compared.map(({ group }) => group))];
  const rows = groups.map((group) => {
    const { records, exits, same } = countMatches(compared.filter((one) => one.group === group));
    return row([group, records, exits, same, `${((same / records) * 100).toFixed(1)} %`]);
  });
  return [
    row(['group', 'records', 'same exit code', 'same output', 'share']),
    row(Array.from({ length: 5 }, () => '---')),
    ...rows,
  ].join('\n');
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Returns a Markdown table of the verdicts per command. */
export function conformanceTable(compared: readonly Comparison[]): string {
  const commands = [...new Set(compared.map(({ command }) => command))].sort();
  const count = (command: string, verdict: Verdict) =>
    compared.filter((one) => one.command === command && one.verdict === verdict).length || '';
  const rows = commands.map((command) =>
    row([formatCommand(command), ...verdicts.map((verdict) => count(command, verdict))]),
  );
  return [row(['command', ...verdicts]), row(['---', ...verdicts.map(() => '---')]), ...rows].join('\n');
}

function formatCommand(command: string): string {
  return `\`${command.replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('`', '')}\``;
}

const begin = '<!-- npm run conformance writes from here -->';
const end = '<!-- to here -->';

/** Returns the sandbox's page with this run's table between its markers. Throws if the page has no markers. */
export function replaceTable(page: string, compared: readonly Comparison[]): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${begin} … ${end}`);
  return `${before}${begin}

${conformanceSummary(compared)}

${groupTable(compared)}

${end}${after}`;
}
