import type { RunEvent } from '../apply/events.ts';
import { type LogFormat, paint, toPlainLine } from './log-format.ts';
import { sanitizeLine } from './sanitize.ts';

/** A part of a log that GitLab can fold. */
export interface LogSection {
  /** GitLab's name of the section. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly isCollapsed: boolean;
}

/** Writes the lines of an event as a section. */
export function writeQuote(
  { at, id, title, lines }: RunEvent & { readonly kind: 'quoted' },
  format: LogFormat,
): void {
  openSection({ id, title, startedAt: at, isCollapsed: true }, format);
  for (const line of lines) format.write(`    ${sanitizeLine(line, format)}\n`);
  endSection(id, at, format);
}

/** Writes the head of a section. */
export function openSection({ id, title, startedAt, isCollapsed }: LogSection, format: LogFormat): void {
  const collapsed = isCollapsed ? '[collapsed=true]' : '';
  const mark = `\u001b[0Ksection_start:${toUnixSeconds(startedAt)}:${id}${collapsed}\r\u001b[0K`;
  format.write(`${format.sections ? mark : '==> '}${paint(toPlainLine(title), 1, format)}\n`);
}

/** Writes the end of a section. */
export function endSection(id: string, at: number, { sections, write }: LogFormat): void {
  if (sections) write(`\u001b[0Ksection_end:${toUnixSeconds(at)}:${id}\r\u001b[0K\n`);
}

function toUnixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
