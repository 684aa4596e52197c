import { createHash } from 'node:crypto';
import type { Finding, Validation } from '../validate/finding.ts';
import { sanitizeText } from './sanitize.ts';

/** The text of each file, by its path. */
export type FileTexts = ReadonlyMap<string, string>;

// A file of another format can have thousands.
const maxShown = 100;

/** Formats what validation found: each finding with its line and a caret below the column, and a summary. */
export function formatValidation(validation: Validation, texts: FileTexts): string {
  const { findings } = validation;
  const shown = findings.slice(0, maxShown).map((finding) => `${formatFinding(finding, texts)}\n`);
  const more = findings.length > maxShown ? [`and ${findings.length - maxShown} more\n`] : [];
  return `${[...shown, ...more, formatSummary(validation)].join('\n')}\n`;
}

function formatFinding(finding: Finding, texts: FileTexts): string {
  const { severity, path, line, column, about, message, remedy } = finding;
  const place = [path, line, column].filter((part) => part !== undefined).join(':');
  const head = [place, severity, about, message]
    .filter((part) => part !== undefined && part !== '')
    .join(': ');
  return [
    sanitizeText(head).replace(/\s+/g, ' '),
    ...formatLine(finding, texts),
    ...(remedy === undefined ? [] : [`  ${sanitizeText(remedy)}`]),
  ].join('\n');
}

/** The most columns of a line that are shown. */
const maxColumns = 100;

function formatLine({ path, line, column }: Finding, texts: FileTexts): string[] {
  const text = texts.get(path ?? '')?.split('\n')[(line ?? 0) - 1];
  if (text === undefined || line === undefined || column === undefined) return [];
  const start = column > maxColumns - 20 ? column - 40 : 0;
  const visible = text.slice(start, start + maxColumns).trimEnd();
  const head = start > 0 ? '… ' : '';
  const tail = text.trimEnd().length > start + maxColumns ? ' …' : '';
  const safe = visible.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\t' ? '\t' : '�'));
  // Tabs stay, so that the caret is below its character whatever their width.
  const before = safe.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const gutter = `  ${line} | `;
  return [
    `${gutter}${head}${safe}${tail}`,
    `${' '.repeat(gutter.length - 2)}| ${' '.repeat(head.length)}${before}^`,
  ];
}

function formatSummary({ findings, files, checkedFor, assumed }: Validation): string {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const counts = [formatCount(count('error'), 'problem'), formatCount(count('warning'), 'warning')];
  return [
    `${files.length === 0 ? 'No files to check' : files.join(', ')}: ${counts.join(', ')}. Checked for ${checkedFor.join(', ')}.`,
    ...(assumed.length === 0
      ? []
      : [
          `Assumed to be set in the jobs that use them, and not checked: ${assumed.map((name) => `$${name}`).join(', ')}.`,
        ]),
  ].join('\n');
}

function formatCount(count: number, noun: string): string {
  if (count === 0) return `no ${noun}s`;
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** Formats it as JSON. */
export function formatValidationJson({ findings, files, checkedFor, assumed }: Validation): string {
  const valid = findings.every(({ severity }) => severity !== 'error');
  return `${JSON.stringify({ version: 1, valid, findings, files, checkedFor, assumed }, null, 2)}\n`;
}

const checkName = 'dokku-deploy';

/**
 * Formats it as a code quality report of GitLab (Code Climate's JSON). Findings without a file are left out, since the format
 * has none: `fallbackPath` is where those of a variable are shown.
 */
export function formatCodeQuality({ findings }: Validation, fallbackPath: string): string {
  const entries = findings.map(({ severity, path = fallbackPath, line = 1, about, message, remedy }) => {
    const description = [about === undefined ? message : `${about}: ${message}`, remedy]
      .filter(Boolean)
      .join('. ');
    return {
      description,
      check_name: checkName,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([path, about, message]))
        .digest('hex'),
      severity: severity === 'error' ? 'major' : 'minor',
      location: { path: path.replace(/^\.\//, ''), lines: { begin: line } },
    };
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** Whether a text is a code quality report that this tool wrote. */
export function isCodeQuality(text: string): boolean {
  try {
    const entries: unknown = JSON.parse(text);
    return Array.isArray(entries) && entries.every((entry) => entry?.check_name === checkName);
  } catch {
    return false;
  }
}
