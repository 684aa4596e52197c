import { formatDuration } from '../report/duration.ts';
import type { StepRecord } from '../report/progress-tracker.ts';
import { codeBlock, codeSpan, escapeMarkdown, keepLastLines, markdownLink, truncate } from './markup.ts';
import type { Message } from './message.ts';

/** Formats the merge request note about a run of a review app, in GitLab's Markdown. */
export function formatNote(message: Message, steps: readonly StepRecord[]): string {
  const links = [
    ...(message.jobUrl === undefined ? [] : [markdownLink(message.jobUrl, 'Job log')]),
    ...(message.pipelineUrl === undefined ? [] : [markdownLink(message.pipelineUrl, 'Pipeline')]),
    ...(message.author === undefined ? [] : [`by ${escapeText(message.author)}`]),
  ];
  return [
    formatHeading(message),
    '',
    ...formatFailure(message),
    ...formatTable(buildRows(message)),
    ...formatSteps(steps),
    ...(links.length === 0 ? [] : ['', links.join(' · ')]),
    '',
  ].join('\n');
}

/** Formats the note about a review app that is being built. */
export function formatBuildingNote({
  commit,
  app,
  jobUrl,
  at,
}: {
  readonly app: string;
  readonly commit: string | undefined;
  readonly jobUrl: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}): string {
  const what = commit === undefined ? codeSpan(app) : codeSpan(commit.slice(0, 8));
  const since = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const link = jobUrl === undefined ? [] : [markdownLink(jobUrl, 'Job log')];
  return `### :hourglass: Building ${what}\n\n${[`Since ${since}`, ...link].join(' · ')}\n`;
}

// In GitLab these start references, formulas and emoji: !12 would add a "mentioned in" to another merge request.
function escapeText(text: string): string {
  return escapeMarkdown(text).replace(/[!&%$:^]/g, '\\$&');
}

function formatHeading(message: Message): string {
  if (message.failure) return `### :x: ${escapeText(message.title)}`;
  if (isRemoval(message)) return `### ${escapeText(message.title)}`;
  const { url } = message;
  return `### :rocket: Review app: ${url === undefined ? codeSpan(message.app) : markdownLink(url, escapeText(url))}`;
}

function isRemoval({ command }: Message): boolean {
  return command === 'review stop';
}

function formatFailure({ failure }: Message): string[] {
  if (!failure) return [];
  // GitLab runs a line that starts with a slash as a quick action; older versions do so even inside of a code block.
  const lines = keepLastLines(failure.said, 3_000).map((line) => line.replace(/^\//, ' /'));
  return [escapeText(failure.reason), ...(lines.length === 0 ? [] : ['', codeBlock(lines.join('\n'))]), ''];
}

type Row = readonly [string, string];

function formatTable(rows: readonly Row[]): string[] {
  return ['| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

function buildRows(message: Message): Row[] {
  const isRemoved = isRemoval(message);
  const success = isRemoved ? 'Removed' : 'Deployed';
  const when = `${message.endedAt.slice(0, 16).replace('T', ' ')} UTC, in ${message.duration}`;
  const services = message.services.map(codeSpan).join(', ');
  const commit = isRemoved ? '' : formatCommit(message);
  return [
    ...(commit === '' ? [] : [['Commit', commit] as const]),
    ...(isRemoved || message.login === undefined ? [] : [['Login', formatLogin(message.login)] as const]),
    ...(message.pages.length === 0 ? [] : [['Changed pages', formatPages(message)] as const]),
    ...(services === '' ? [] : [['Services', services] as const]),
    ...(isRemoved ? [] : formatFuture(message)),
    [message.outcome === 'success' ? success : 'Failed', when],
  ];
}

function formatCommit({ commit }: Message): string {
  if (!commit) return '';
  const id =
    commit.url === undefined ? codeSpan(commit.short) : markdownLink(commit.url, codeSpan(commit.short));
  return [id, escapeText(truncate(commit.subject ?? '', 120))].filter((part) => part !== '').join(' ');
}

/** Where the password is kept, for those who may see it; never the password. */
function formatLogin({ user, variable }: NonNullable<Message['login']>): string {
  const place =
    variable === undefined
      ? 'as the configuration file sets it'
      : `in the CI/CD variable ${codeSpan(variable)}`;
  return `${codeSpan(user)}, password ${place}`;
}

/** What will happen to the app, and to the change. */
function formatFuture({ expiry, afterMerge }: Message): Row[] {
  return [
    ...(afterMerge === undefined ? [] : [['A merge deploys to', codeSpan(afterMerge)] as const]),
    ...(expiry === undefined
      ? []
      : [['Removed', escapeText(`at the latest ${expiry} after the last push`)] as const]),
  ];
}

/** How many pages the note links to. */
const shownPages = 10;

function formatPages({ pages }: Message): string {
  const links = pages.slice(0, shownPages).map(({ path, url }) => markdownLink(url, escapeText(path)));
  const rest = pages.length > shownPages ? [`and ${pages.length - shownPages} more`] : [];
  return [...links, ...rest].join(', ');
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
  const head = ['<details><summary>Steps</summary>', '', '| Step | | Time |', '|---|---|--:|'];
  return ['', ...head, ...rows, '', '</details>'];
}
