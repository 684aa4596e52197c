import { sanitizeText } from './sanitize.ts';

/** A link on the job's page. */
export interface JobLink {
  readonly label: string;
  readonly url: string;
}

/** GitLab's default limits are 1,000 links in a section and 80 KiB in a file (`ci_job_annotations_size`). */
const limits = { links: 40, urlLength: 500, labelLength: 100 };

const section = 'dokku-deploy';

/**
 * Formats the links as GitLab reads them (artifacts:reports:annotations): a JSON object that maps a section to its links. GitLab
 * ignores a whole file with one wrong entry, so a URL that is not http(s) or too long is left out.
 */
export function formatAnnotations(links: readonly JobLink[]): string {
  const entries = links.flatMap(({ label, url }) => {
    const target = sanitizeText(url);
    const isUsable = target.length <= limits.urlLength && /^https?:$/.test(URL.parse(target)?.protocol ?? '');
    return isUsable ? [{ external_link: { label: formatLabel(label), url: target } }] : [];
  });
  return `${JSON.stringify({ [section]: entries.slice(0, limits.links) }, null, 2)}\n`;
}

function formatLabel(label: string): string {
  return sanitizeText(label.replace(/\s+/g, ' ')).slice(0, limits.labelLength).toWellFormed();
}

/** Whether a text is a file of links that this tool wrote. */
export function isAnnotations(text: string): boolean {
  return new RegExp(`^\\{\\s*"${section}":\\s*\\[`).test(text);
}
