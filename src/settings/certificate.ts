import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type PemBlock, readPem } from './pem.ts';

/** What a certificate is checked with. */
export interface CertificateInput {
  /** The chain as PEM, the app's own certificate first. */
  readonly certificate: string;
  /** The private key as PEM. */
  readonly key: string;
  /** The names that it must cover. */
  readonly domains: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Something that is wrong, and where: `certificate` or `key`. */
export interface CertificateProblem {
  readonly at: 'certificate' | 'key';
  /** Follows the place. */
  readonly message: string;
  readonly remedy: string;
}

/** A certificate and its key in the form that nginx reads, and what is wrong with them. */
export interface CheckedCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly problems: readonly CertificateProblem[];
  /** What does not keep nginx from serving it. */
  readonly warnings: readonly string[];
}

/**
 * Checks a certificate with its chain and key as nginx does. Dokku stores any: nginx then refuses the configuration of all apps of the
 * host (facts-2, F29). One that has expired, or is of other names, is served without a word (F39).
 */
export function checkCertificate(input: CertificateInput): CheckedCertificate {
  const blocks = readPem(input.certificate).filter(({ label }) => label.endsWith('CERTIFICATE'));
  const chain = blocks.flatMap((block) => readCertificate(block) ?? []);
  const found = readKey(input.key);
  const [leaf] = chain;
  const readable = [
    ...(leaf === undefined || chain.length < blocks.length ? [unreadableCertificate(input.certificate)] : []),
    ...('problem' in found ? [found.problem] : []),
  ];
  const checked = {
    certificate: blocks.map(({ text }) => text).join(''),
    key: readPem(input.key)[0]?.text ?? '',
  };
  if (leaf === undefined || 'problem' in found || readable.length > 0)
    return { ...checked, problems: readable, warnings: [] };
  return {
    ...checked,
    problems: [
      ...checkKey(leaf, chain, found.key),
      ...checkOrder(chain),
      ...checkDates(leaf, input.now),
      ...checkNames(leaf, input.domains),
    ],
    warnings: warnAboutExpiry(leaf, input.now),
  };
}

function readCertificate({ text }: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function unreadableCertificate(text: string): CertificateProblem {
  const other = /PRIVATE KEY/.test(text) ? 'is a private key' : undefined;
  return {
    at: 'certificate',
    message: other ?? describePath(text) ?? 'is not a certificate in PEM format',
    remedy:
      'Store the whole file in the variable, from the first BEGIN CERTIFICATE to the last END CERTIFICATE, or its base64.',
  };
}

/** Describes what a file-type variable holds if its file is not there. */
function describePath(text: string): string | undefined {
  return /^\/\S*$/.test(text.trim())
    ? `is the path of a file that cannot be read: ${text.trim()}`
    : undefined;
}

type FoundKey = { readonly key: KeyObject } | { readonly problem: CertificateProblem };

function readKey(text: string): FoundKey {
  const [block] = readPem(text).filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const problem = (message: string, remedy: string) => ({ problem: { at: 'key' as const, message, remedy } });
  const again = 'Store the whole file in the variable, from its BEGIN to its END line, or its base64.';
  if (!block) return problem(describePath(text) ?? 'is not a private key in PEM format', again);
  if (block.text.includes('ENCRYPTED')) {
    return problem(
      'has a passphrase, which nginx would ask for',
      'Remove it: openssl pkey -in with-passphrase.key -out server.key',
    );
  }
  try {
    return { key: createPrivateKey(block.text) };
  } catch {
    return problem('is a private key that cannot be read', again);
  }
}

/** OpenSSL refuses smaller keys at its default security level. */
const smallestRsaKey = 2_048;

function checkKey(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  key: KeyObject,
): CertificateProblem[] {
  const { modulusLength = smallestRsaKey } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength < smallestRsaKey) {
    const remedy = `Use a key of at least ${smallestRsaKey} bits, or one on an elliptic curve.`;
    return [{ at: 'key', message: `has only ${modulusLength} bits, which nginx refuses`, remedy }];
  }
  if (leaf.checkPrivateKey(key)) return [];
  const own = chain.find((certificate) => certificate.checkPrivateKey(key));
  return own
    ? [wrongOrder(`begins with ${nameOf(leaf)}, but the key is that of ${nameOf(own)}`)]
    : [
        {
          at: 'key',
          message: `does not fit the certificate for ${nameOf(leaf)}`,
          remedy: 'Use the key that the certificate was requested with.',
        },
      ];
}

function wrongOrder(message: string): CertificateProblem {
  return {
    at: 'certificate',
    message,
    remedy: 'Put the certificate of the app first, then each one that issued the one above it.',
  };
}

/** Returns the common name of a certificate, or its first host name. */
function nameOf({ subject, subjectAltName }: X509Certificate): string {
  return /(?:^|\n)CN=(.*)/.exec(subject ?? '')?.[1] ?? subjectAltName ?? 'an unnamed certificate';
}

/** Clients build the chain from what follows; nginx itself only reads the first one. */
function checkOrder(chain: readonly X509Certificate[]): CertificateProblem[] {
  const broken = chain.find((one, index) => {
    const next = chain[index + 1];
    return next !== undefined && !one.checkIssued(next);
  });
  if (!broken) return [];
  const next = chain[chain.indexOf(broken) + 1];
  return [wrongOrder(`has ${next ? nameOf(next) : ''} after ${nameOf(broken)}, which it did not issue`)];
}

const day = 24 * 60 * 60 * 1_000;

/** How long a certificate should still be valid, in days. */
const shortestRest = 7;

function checkDates(leaf: X509Certificate, now: number): CertificateProblem[] {
  const [from, until] = [leaf.validFromDate, leaf.validToDate];
  const remedy = 'Renew it, and store the new one in the variable.';
  if (until.getTime() <= now)
    return [{ at: 'certificate', message: `expired on ${formatDay(until)}`, remedy }];
  if (from.getTime() > now + day) {
    const wait = 'Use it from that day on.';
    return [{ at: 'certificate', message: `is only valid from ${formatDay(from)} on`, remedy: wait }];
  }
  return [];
}

function formatDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function checkNames(leaf: X509Certificate, domains: readonly string[]): CertificateProblem[] {
  const names = hostNames(leaf);
  const uncovered = domains.filter((domain) => !names.some((name) => covers(name, domain)));
  if (uncovered.length === 0) return [];
  return [
    {
      at: 'certificate',
      message: `is for ${names.join(', ') || 'no host name'}, but not for ${uncovered.join(', ')}`,
      remedy: 'Use a certificate for all domains of the app, or declare only those that it has.',
    },
  ];
}

/** Returns the host names that a certificate is for, in lower case. Clients ignore the common name. */
function hostNames({ subjectAltName = '' }: Pick<X509Certificate, 'subjectAltName'>): string[] {
  const entries = (subjectAltName ?? '').split(', ');
  return entries.flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4).toLowerCase()] : []));
}

/** Returns the host names of the first certificate in a PEM text; none if it cannot be read. */
export function readHostNames(pem: string): string[] {
  const [first] = readPem(pem);
  const leaf = first && readCertificate(first);
  return leaf ? hostNames(leaf) : [];
}

/** Whether a name of a certificate covers a domain: a wildcard stands for one label, also that of a wildcard domain. */
export function covers(name: string, domain: string): boolean {
  return name === domain || (name.startsWith('*.') && domain.replace(/^[^.]+/, '*') === name);
}

function warnAboutExpiry(leaf: X509Certificate, now: number): string[] {
  const rest = leaf.validToDate.getTime() - now;
  if (rest <= 0 || rest > shortestRest * day) return [];
  return [`the certificate for ${nameOf(leaf)} expires on ${formatDay(leaf.validToDate)}`];
}

/** Describes a chain for people: its names, its last day, and its fingerprint. */
export function describeCertificate(pem: string): string {
  const [first] = readPem(pem);
  const leaf = first && readCertificate(first);
  if (!leaf) return 'a certificate that cannot be read';
  const names = hostNames(leaf).join(', ') || nameOf(leaf);
  const fingerprint = leaf.fingerprint256.replaceAll(':', '').slice(0, 12).toLowerCase();
  return `certificate for ${names} until ${formatDay(leaf.validToDate)} (sha256 ${fingerprint})`;
}
