import { duration } from '../report/durations.ts';
import type { StepEnd } from '../report/step-results.ts';
import { codeBlock, codeSpan, cut, lastLines, markdownLink, plainMarkdown } from './markup.ts';
import type { Message } from './message.ts';

/** What a merge request's note says of a run for its review app, in GitLab's Markdown. */
export function noteOf(message: Message, steps: readonly StepEnd[]): string {
  const isRemoved = message.command === 'review stop';
  const links = [
    ...(message.jobUrl === undefined ? [] : [markdownLink(message.jobUrl, 'Job log')]),
    ...(message.pipelineUrl === undefined ? [] : [markdownLink(message.pipelineUrl, 'Pipeline')]),
    ...(message.author === undefined ? [] : [`by ${plain(message.author)}`]),
  ];
  return [
    heading(message, isRemoved),
    '',
    ...failure(message),
    ...table(facts(message, isRemoved)),
    ...ran(steps),
    ...(links.length === 0 ? [] : ['', links.join(' · ')]),
    '',
  ].join('\n');
}

// In GitLab these make references, formulas and little pictures: !12 would leave a "mentioned in" elsewhere.
function plain(text: string): string {
  return plainMarkdown(text).replace(/[!&%$:^]/g, '\\$&');
}

function heading(message: Message, isRemoved: boolean): string {
  if (message.failure) return `### :x: ${plain(message.title)}`;
  if (isRemoved) return `### ${plain(message.title)}`;
  const { url } = message;
  return `### :rocket: Review app: ${url === undefined ? codeSpan(message.app) : markdownLink(url, plain(url))}`;
}

function failure({ failure: failed }: Message): string[] {
  if (!failed) return [];
  // A line that begins with a slash is an order to GitLab (quick actions); older ones see the end of a block where there is none.
  const lines = lastLines(failed.said, 3_000).map((line) => line.replace(/^\//, ' /'));
  return [plain(failed.reason), ...(lines.length === 0 ? [] : ['', codeBlock(lines.join('\n'))]), ''];
}

type Row = readonly [string, string];

function table(rows: readonly Row[]): string[] {
  return ['| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

function facts(message: Message, isRemoved: boolean): Row[] {
  const when = `${message.endedAt.slice(0, 16).replace('T', ' ')} UTC, in ${message.duration}`;
  const services = message.services.map(codeSpan).join(', ');
  const commit = isRemoved ? '' : commitOf(message);
  return [
    ...(commit === '' ? [] : [['Commit', commit] as const]),
    ...(services === '' ? [] : [['Services', services] as const]),
    [message.outcome === 'success' ? (isRemoved ? 'Removed' : 'Deployed') : 'Tried', when],
  ];
}

function commitOf({ commit }: Message): string {
  if (!commit) return '';
  const id =
    commit.url === undefined ? codeSpan(commit.short) : markdownLink(commit.url, codeSpan(commit.short));
  return [id, plain(cut(commit.subject ?? '', 120))].filter((part) => part !== '').join(' ');
}

const words: Readonly<Record<StepEnd['outcome'], string>> = {
  done: 'done',
  skipped: 'nothing to do',
  failed: '**failed**',
  stopped: 'stopped',
  'not-started': 'not started',
};

function ran(steps: readonly StepEnd[]): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ title, outcome, took }) => {
    const time = outcome === 'not-started' ? '' : duration(took);
    return `| ${plain(title)} | ${words[outcome]} | ${time} |`;
  });
  const head = ['<details><summary>What ran</summary>', '', '| Step | | Time |', '|---|---|--:|'];
  return ['', ...head, ...rows, '', '</details>'];
}
