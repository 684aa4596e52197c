import { domainToASCII } from 'node:url';

/** What is wrong with a domain, and what to write instead. */
export interface DomainProblem {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Returns a domain as nginx and DNS know it (lower case, no dot at the end of which nothing follows), or what is wrong with
 * it. `*.` in front stands for any one label. Dokku accepts more, and nginx then refuses its whole configuration, for every app
 * of the host (facts-2, F29, F34).
 */
export function readDomain(text: string): string | DomainProblem {
  const domain = text.trim().toLowerCase();
  if (/:\/\//.test(domain)) return { message: 'has a scheme', remedy: 'Write the host name only.' };
  if (domain.includes('/')) return { message: 'has a path', remedy: 'Write the host name only.' };
  if (/:\d*$/.test(domain))
    return { message: 'has a port', remedy: 'Write the host name only; ports are another key.' };
  if (/[^\x00-\x7f]/.test(domain)) return notAscii(domain);
  const name = domain.replace(/^\*\./, '');
  if (name.includes('*'))
    return { message: 'has a * inside', remedy: 'A wildcard is the whole first label: *.example.com.' };
  if (name.length > maxLength || name.split('.').some((label) => !isLabel(label))) return notAName;
  return domain;
}

function notAscii(domain: string): DomainProblem {
  const ascii = domainToASCII(domain);
  return {
    message: 'has letters outside ASCII, which Dokku refuses',
    remedy: ascii === '' ? 'Check its spelling.' : `Write it as DNS does: ${ascii}.`,
  };
}

// RFC 1035, section 2.3.4.
const maxLength = 253;

/** Letters, digits and dashes, at most 63, no dash at either end (RFC 1123, section 2.1). */
function isLabel(label: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
}

const notAName: DomainProblem = {
  message: 'is not a host name',
  remedy:
    'Names have labels of letters, digits and dashes, at most 63 each, separated by one dot: www.example.com.',
};
