import { AnsiUp } from 'ansi_up';

/** A line of a job's log, as the runner wrote it. */
export interface LogLine {
  readonly kind: 'line';
  readonly text: string;
}

/** A section of a job's log: https://docs.gitlab.com/ci/jobs/job_logs/#expand-and-collapse-job-log-sections */
export interface LogSection {
  readonly kind: 'section';
  readonly title: string;
  readonly collapsed: boolean;
  /** Whole seconds, as GitLab counts them. */
  readonly seconds: number;
  readonly lines: readonly LogLine[];
}

const sectionStart = /^\u001b\[0Ksection_start:(\d+):([\w.-]+)(\[collapsed=true\])?\r\u001b\[0K(.*)$/;
const sectionEnd = /^\u001b\[0Ksection_end:(\d+):([\w.-]+)\r\u001b\[0K/;

/** Splits a log into its lines and sections. dokku-deploy's sections do not nest, and each one is closed. */
export function parseLog(log: string): (LogLine | LogSection)[] {
  const parts: (LogLine | LogSection)[] = [];
  let open: { id: string; title: string; collapsed: boolean; start: number; lines: LogLine[] } | undefined;
  for (const text of log.trimEnd().split('\n')) {
    const [, start, id, collapsed, title] = sectionStart.exec(text) ?? [];
    const [, end, endedId] = sectionEnd.exec(text) ?? [];
    if (id !== undefined && title !== undefined)
      open = { id, title, collapsed: collapsed !== undefined, start: Number(start), lines: [] };
    else if (open && endedId === open.id) {
      const { title, collapsed, lines } = open;
      parts.push({ kind: 'section', title, collapsed, seconds: Number(end) - open.start, lines });
      open = undefined;
    } else (open?.lines ?? parts).push({ kind: 'line', text });
  }
  return parts;
}

const style = `
body { margin: 0; background: #1f1e24; color: #fff; font: 13px/19px 'DejaVu Sans Mono', monospace; }
main { width: 940px; padding: 10px 0; }
p { margin: 0; display: flex; white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 10px; }
p > a { flex: 0 0 34px; padding-right: 12px; text-align: right; color: #89888d; }
p > i { flex: 0 0 16px; font-style: normal; color: #bfbfc3; }
p > span { flex: 1; }
p.gap { color: #89888d; }
p > b { font-weight: normal; align-self: start; padding: 0 7px; border-radius: 9px; background: #4c4b51; font-size: 11px; }`;

/**
 * Returns a page that shows a log as GitLab's job page does: numbered lines, collapsed sections, and durations on the right.
 * If an open section has more than `maxLines` lines, its middle is left out; the line numbers still count it.
 */
export function renderLogPage(
  parts: readonly (LogLine | LogSection)[],
  maxLines = Number.POSITIVE_INFINITY,
): string {
  const ansi = new AnsiUp();
  let number = 0;
  const row = (text: string, { arrow = '', duration = '' } = {}): string => {
    number += 1;
    const badge = duration === '' ? '' : `<b>${duration}</b>`;
    // Colours end with their line, as in dokku-deploy's log.
    return `<p><a>${number}</a><i>${arrow}</i><span>${ansi.ansi_to_html(`${text}\u001b[0m`)}</span>${badge}</p>`;
  };
  const rows = parts.flatMap((part) => {
    if (part.kind === 'line') return [row(part.text)];
    const heading = row(part.title, {
      arrow: part.collapsed ? '›' : '⌄',
      duration: formatDuration(part.seconds),
    });
    const lines = part.lines.map(({ text }) => row(text));
    return part.collapsed ? [heading] : [heading, ...shorten(lines, maxLines)];
  });
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><main>\n${rows.join('\n')}\n</main>\n`;
}

function formatDuration(seconds: number): string {
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function shorten(rows: readonly string[], maxRows: number): readonly string[] {
  if (rows.length <= maxRows) return rows;
  const [head, tail] = [Math.ceil(maxRows / 2), rows.length - Math.floor(maxRows / 2)];
  const gap = `<p class="gap"><a>⋮</a><i></i><span>${tail - head} more lines</span></p>`;
  return [...rows.slice(0, head), gap, ...rows.slice(tail)];
}
