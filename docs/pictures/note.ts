import { marked } from 'marked';

const style = `
.note header { padding: 8px 16px; border: 1px solid #dcdcde; border-radius: 6px 6px 0 0; background: #fbfafd; color: #626168; }
.note header b { color: #333238; }
.note article { padding: 4px 16px 12px; border: 1px solid #dcdcde; border-top: 0; border-radius: 0 0 6px 6px; }
h3 { margin: 12px 0; font-size: 18px; }
a { color: #1f75cb; text-decoration: none; }
table { border-collapse: collapse; margin: 8px 0; }
th, td { padding: 6px 12px; border: 1px solid #dcdcde; text-align: left; font-weight: normal; }
thead:not(:has(th:not(:empty))) { display: none; }
[align=right] { text-align: right; }
code { padding: 2px 5px; border-radius: 4px; background: #ececef; font: 13px 'DejaVu Sans Mono', monospace; }
summary { cursor: pointer; }`;

const emoji: Readonly<Record<string, string>> = { rocket: '🚀', x: '❌', hourglass: '⌛' };

/** Returns a part of a page that shows a note as GitLab does, with its details open. `author`: the name shown above it. */
export function renderNote(body: string, author: string): string {
  const html = marked
    .parse(body, { async: false, gfm: true })
    .replace(/:(\w+):/g, (whole, name: string) => emoji[name] ?? whole)
    .replaceAll('<details>', '<details open>');
  const head = `<header><b>${author}</b> · just now</header>`;
  return `<style>${style}</style><section class="note">${head}<article>${html}</article></section>`;
}
