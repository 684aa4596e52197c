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

const opening = /^\u001b\[0Ksection_start:(\d+):([\w.-]+)(\[collapsed=true\])?\r\u001b\[0K(.*)$/;
const closing = /^\u001b\[0Ksection_end:(\d+):([\w.-]+)\r\u001b\[0K/;

/** Reads a log with the marks of its sections. The tool's sections do not nest, and each is closed. */
export const readLog = (log: string): (LogLine | LogSection)[] => {
  const parts: (LogLine | LogSection)[] = [];
  let open: { id: string; title: string; collapsed: boolean; since: number; lines: LogLine[] } | undefined;
  for (const text of log.trimEnd().split('\n')) {
    const [, since, id, collapsed, title] = opening.exec(text) ?? [];
    const [, until, ended] = closing.exec(text) ?? [];
    if (id !== undefined && title !== undefined)
      open = { id, title, collapsed: collapsed !== undefined, since: Number(since), lines: [] };
    else if (open && ended === open.id) {
      const { title: told, collapsed: isFolded, since: from, lines } = open;
      parts.push({ kind: 'section', title: told, collapsed: isFolded, seconds: Number(until) - from, lines });
      open = undefined;
    } else (open?.lines ?? parts).push({ kind: 'line', text });
  }
  return parts;
};

const style = `
body { margin: 0; background: #1f1e24; color: #fff; font: 13px/19px 'DejaVu Sans Mono', monospace; }
main { width: 940px; padding: 10px 0; }
p { margin: 0; display: flex; white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 10px; }
p > a { flex: 0 0 34px; padding-right: 12px; text-align: right; color: #89888d; }
p > i { flex: 0 0 16px; font-style: normal; color: #bfbfc3; }
p > span { flex: 1; }
p.gap { color: #89888d; }
p > b { font-weight: normal; align-self: start; padding: 0 7px; border-radius: 9px; background: #4c4b51; font-size: 11px; }`;

const formatBadge = (seconds: number): string =>
  [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');

/**
 * A page that shows a log as GitLab's page of a job does: numbered lines, sections folded as they ask, their durations on the right.
 * Of an open section with more lines than `atMost` the middle is left out, for a picture; the numbers go on behind it.
 */
export const renderLogPage = (
  parts: readonly (LogLine | LogSection)[],
  atMost = Number.POSITIVE_INFINITY,
): string => {
  const ansi = new AnsiUp();
  let number = 0;
  const row = (text: string, { fold = '', time = '' } = {}): string => {
    number += 1;
    const ended = time === '' ? '' : `<b>${time}</b>`;
    // Each line has its own colours: the tool ends them with the line.
    return `<p><a>${number}</a><i>${fold}</i><span>${ansi.ansi_to_html(`${text}\u001b[0m`)}</span>${ended}</p>`;
  };
  const rows = parts.flatMap((part) => {
    if (part.kind === 'line') return [row(part.text)];
    const head = row(part.title, { fold: part.collapsed ? '›' : '⌄', time: formatBadge(part.seconds) });
    const inner = part.lines.map(({ text }) => row(text));
    if (part.collapsed) return [head];
    if (inner.length <= atMost) return [head, ...inner];
    const [before, after] = [Math.ceil(atMost / 2), inner.length - Math.floor(atMost / 2)];
    const gap = `<p class="gap"><a>⋮</a><i></i><span>${after - before} more lines</span></p>`;
    return [head, ...inner.slice(0, before), gap, ...inner.slice(after)];
  });
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><main>\n${rows.join('\n')}\n</main>\n`;
};
