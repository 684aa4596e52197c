import { renderNote } from './note.ts';

/** What a merge request's pipeline leaves for GitLab. */
export interface MergeRequestPage {
  readonly title: string;
  readonly branch: string;
  readonly author: string;
  readonly note: string;
  /** `reports: terraform` of each environment. */
  readonly plans: readonly { readonly environment: string; readonly report: string }[];
  /** `reports: junit` of the review app's job. */
  readonly junit: string;
  /** `reports: annotations` of that job. */
  readonly links: string;
}

const style = `
body { margin: 0; background: #fff; color: #333238; font: 15px/22px 'DejaVu Sans', sans-serif; }
main { width: 860px; padding: 18px; }
h1 { margin: 0 0 6px; font-size: 22px; line-height: 28px; }
p { margin: 0 0 14px; color: #626168; }
.widget { border: 1px solid #dcdcde; border-radius: 6px; margin-bottom: 16px; }
.widget > div { display: flex; gap: 12px; align-items: center; padding: 10px 16px; border-top: 1px solid #ececef; }
.widget > div:first-child { border-top: 0; }
.widget span { flex: 1; }
.mark { flex: none !important; color: #108548; font-weight: bold; }
.button { flex: none !important; border: 1px solid #89888d; border-radius: 4px; padding: 2px 10px; color: #333238; }
.small { color: #626168; font-size: 13px; }
ul { margin: 4px 0; padding-left: 20px; }`;

/**
 * Returns a page that shows a merge request as GitLab does, from what its pipeline has left: the environment, the tests and the plans in
 * the widget, the note, and the links of the job.
 */
export function renderMergeRequestPage(page: MergeRequestPage): string {
  const { title, branch, author, note, plans, junit, links } = page;
  const rows = [
    `<div><span class="mark">✓</span><span>Deployed to <a>review/${escapeHtml(branch)}</a> just now</span><span class="button">View app</span></div>`,
    `<div><span class="mark">✓</span><span>${describeTests(junit)}</span><span class="button">Full report</span></div>`,
    `<div><span class="mark">✓</span><span>${plans.length} Terraform reports were generated in your pipelines${plans.map(describePlan).join('')}</span></div>`,
  ];
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
<main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(author)} requested to merge <code>${escapeHtml(branch)}</code> into <code>main</code></p>
<section class="widget">${rows.join('')}</section>
${renderNote(note, 'Dokku deployer')}
<p style="margin: 16px 0 6px">On the job’s page: links</p><ul>${listLinks(links)}</ul></main>\n`;
}

/** In GitLab's words. */
function describeTests(junit: string): string {
  const total = [...junit.matchAll(/<testcase\b/g)].length;
  const failed = [...junit.matchAll(/<failure\b/g)].length;
  const result = failed === 0 ? 'no changed test results' : `${failed} failed`;
  return `Test summary: ${result}, ${total} total tests`;
}

function describePlan({ environment, report }: MergeRequestPage['plans'][number]): string {
  const { create, update, delete: removed } = JSON.parse(report) as Record<string, number>;
  return `<br><span class="small">The report plan-${environment}: ${create} to add, ${update} to change, ${removed} to delete</span>`;
}

function listLinks(links: string): string {
  const sections = JSON.parse(links) as Record<string, { external_link: { label: string; url: string } }[]>;
  return Object.values(sections)
    .flat()
    .map(({ external_link: { label } }) => `<li><a>${escapeHtml(label)}</a></li>`)
    .join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
