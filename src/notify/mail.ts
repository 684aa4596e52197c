import { buildFields, buildLinks, formatPlainField } from './fields.ts';
import type { Message } from './message.ts';

/** The content of a mail. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Builds the mail about a run, as text and as HTML. */
export function buildMail(message: Message): MailContent {
  return {
    subject: `[${message.project}] ${message.title}`,
    text: formatText(message),
    html: formatHtml(message),
  };
}

function formatText(message: Message): string {
  const fields = buildFields(message);
  const width = Math.max(...fields.map(({ name }) => name.length));
  const { failure } = message;
  return [
    message.title,
    ...(failure ? ['', failure.reason, ...failure.said.map((line) => `  | ${line}`)] : []),
    '',
    ...fields.map((field) => `${field.name.padEnd(width)}  ${formatPlainField(field)}`),
    '',
    ...buildLinks(message).map(({ name, url }) => `${name}: ${url}`),
    '',
    message.project,
    '',
  ].join('\n');
}

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Mail programs need tables, and styles on each element. */
function formatHtml(message: Message): string {
  const colour = message.outcome === 'success' ? '#108548' : '#c91c00';
  const links = formatButtons(message);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${escapeHtml(message.title)}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f4f6;color:#28272d;${font};font-size:15px;line-height:1.45">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border-radius:6px;border-top:4px solid ${colour}">
<tr><td style="padding:24px">
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;color:${colour}">${escapeHtml(message.title)}</h1>
${formatFailure(message)}<table role="presentation" cellpadding="0" cellspacing="0" style="font-size:15px">
${formatRows(message)}
</table>
${links === '' ? '' : `<div style="margin:20px 0 0">${links}</div>`}
</td></tr></table>
<p style="margin:12px 0 0;font-size:12px;color:#626168">${escapeHtml(message.project)}, sent by dokku-deploy</p>
</td></tr></table>
</body>
</html>
`;
}

function formatButtons(message: Message): string {
  return buildLinks(message)
    .map(
      ({ name, url }, index) =>
        `<a href="${escapeHtml(url)}" style="display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border-radius:4px;text-decoration:none;${
          index === 0 ? 'background:#1068bf;color:#ffffff' : 'background:#ececef;color:#28272d'
        }">${name}</a>`,
    )
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const mono = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';

function formatFailure(message: Message): string {
  const { failure } = message;
  if (!failure) return '';
  const said = failure.said.map(escapeHtml).join('\n');
  const block = said
    ? `<pre style="${mono};font-size:12px;line-height:1.5;margin:12px 0 0;padding:12px;background:#f4f4f6;border-radius:4px;white-space:pre-wrap;word-break:break-word">${said}</pre>`
    : '';
  return `<div style="margin:0 0 16px"><p style="margin:0;font-weight:600">${escapeHtml(failure.reason)}</p>${block}</div>\n`;
}

function formatRows(message: Message): string {
  return buildFields(message)
    .map(({ name, code, text, url }) => {
      const shown =
        code === undefined ? '' : `<code style="${mono};font-size:13px">${escapeHtml(code)}</code>`;
      const escapedText = escapeHtml(text);
      const linked = url === undefined ? shown || escapedText : formatLink(url, shown || escapedText);
      const value = [linked, shown && escapedText].filter((part) => part !== '').join(' ');
      return `<tr><td style="padding:5px 16px 5px 0;color:#626168;vertical-align:top;white-space:nowrap">${name}</td><td style="padding:5px 0;word-break:break-word">${value}</td></tr>`;
    })
    .join('\n');
}

function formatLink(url: string, text: string): string {
  return `<a href="${escapeHtml(url)}" style="color:#1068bf;text-decoration:none">${text}</a>`;
}
