import { formatDuration } from '../report/duration.ts';
import type { StepRecord } from '../report/progress-tracker.ts';
import { codeBlock, codeSpan, escapeMarkdown, keepLastLines, markdownLink, truncate } from './markup.ts';
import type { Message } from './message.ts';

/** What a merge request's note says of a run for its review app, in GitLab's Markdown. */
export function formatNote(message: Message, steps: readonly StepRecord[]): string {
  const isRemoved = message.command === 'review stop';
  const links = [
    ...(message.jobUrl === undefined ? [] : [markdownLink(message.jobUrl, 'Job log')]),
    ...(message.pipelineUrl === undefined ? [] : [markdownLink(message.pipelineUrl, 'Pipeline')]),
    ...(message.author === undefined ? [] : [`by ${escapeText(message.author)}`]),
  ];
  return [
    formatHeading(message, isRemoved),
    '',
    ...formatFailure(message),
    ...formatTable(buildRows(message, isRemoved)),
    ...formatSteps(steps),
    ...(links.length === 0 ? [] : ['', links.join(' · ')]),
    '',
  ].join('\n');
}

// In GitLab these make references, formulas and little pictures: !12 would leave a "mentioned in" elsewhere.
function escapeText(text: string): string {
  return escapeMarkdown(text).replace(/[!&%$:^]/g, '\\$&');
}

function formatHeading(message: Message, isRemoved: boolean): string {
  if (message.failure) return `### :x: ${escapeText(message.title)}`;
  if (isRemoved) return `### ${escapeText(message.title)}`;
  const { url } = message;
  return `### :rocket: Review app: ${url === undefined ? codeSpan(message.app) : markdownLink(url, escapeText(url))}`;
}

function formatFailure({ failure: failed }: Message): string[] {
  if (!failed) return [];
  // A line that begins with a slash is an order to GitLab (quick actions); older ones see the end of a block where there is none.
  const lines = keepLastLines(failed.said, 3_000).map((line) => line.replace(/^\//, ' /'));
  return [escapeText(failed.reason), ...(lines.length === 0 ? [] : ['', codeBlock(lines.join('\n'))]), ''];
}

type Row = readonly [string, string];

function formatTable(rows: readonly Row[]): string[] {
  return ['| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

function buildRows(message: Message, isRemoved: boolean): Row[] {
  const when = `${message.endedAt.slice(0, 16).replace('T', ' ')} UTC, in ${message.duration}`;
  const services = message.services.map(codeSpan).join(', ');
  const commit = isRemoved ? '' : formatCommit(message);
  return [
    ...(commit === '' ? [] : [['Commit', commit] as const]),
    ...(services === '' ? [] : [['Services', services] as const]),
    [message.outcome === 'success' ? (isRemoved ? 'Removed' : 'Deployed') : 'Tried', when],
  ];
}

function formatCommit({ commit }: Message): string {
  if (!commit) return '';
  const id =
    commit.url === undefined ? codeSpan(commit.short) : markdownLink(commit.url, codeSpan(commit.short));
  return [id, escapeText(truncate(commit.subject ?? '', 120))].filter((part) => part !== '').join(' ');
}

const outcomeLabels: Readonly<Record<StepRecord['outcome'], string>> = {
  done: 'done',
  skipped: 'nothing to do',
  failed: '**failed**',
  stopped: 'stopped',
  'not-started': 'not started',
};

function formatSteps(steps: readonly StepRecord[]): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ title, outcome, took }) => {
    const time = outcome === 'not-started' ? '' : formatDuration(took);
    return `| ${escapeText(title)} | ${outcomeLabels[outcome]} | ${time} |`;
  });
  const head = ['<details><summary>What ran</summary>', '', '| Step | | Time |', '|---|---|--:|'];
  return ['', ...head, ...rows, '', '</details>'];
}
