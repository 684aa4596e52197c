import { findNearest } from '../problems.ts';
import { decodePercent, Secret } from '../secret.ts';
import type { MailServer } from './notification-types.ts';

/** What is wrong with the URL of a mail server. Never quotes the URL, since it may have a password. */
interface MailServerProblem {
  readonly problem: { readonly message: string; readonly remedy: string };
}

const urlRemedy = 'Write smtp://login:password@host:587, or smtps:// for TLS from the start.';

const escapeHint = 'In the login and password, write @ / : # ? as %40 %2F %3A %23 %3F.';

/**
 * Reads an SMTP URL; `name` is the name of its password as a secret. Default ports: 587 for STARTTLS (RFC 6409), 465
 * for TLS from the start (RFC 8314).
 */
export function readMailServer(text: string, name: string): MailServer | MailServerProblem {
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    return toProblem('not the URL of a mail server', `${urlRemedy} ${escapeHint}`);
  }
  if (url.hash !== '' || !['', '/'].includes(url.pathname)) {
    return toProblem('there is a path or fragment after the host', escapeHint);
  }
  const badOption = checkOptions(url.searchParams);
  if (badOption) return badOption;
  const login = {
    user: decodePercent(url.username),
    password: new Secret(name, decodePercent(url.password)),
  };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : Number(url.port),
    tls: chooseTls(url),
    verifyCertificate: url.searchParams.get('tls.rejectUnauthorized') !== 'false',
    login: url.username === '' ? undefined : login,
  };
}

function toProblem(message: string, remedy = urlRemedy): MailServerProblem {
  return { problem: { message, remedy } };
}

const knownOptions = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized'];

function checkOptions(options: URLSearchParams): MailServerProblem | undefined {
  const unknown = [...options.keys()].find((name) => !knownOptions.includes(name));
  if (unknown !== undefined) {
    // The name isn't quoted: after a ? in a password, it is the rest of that password.
    const near = findNearest(unknown, knownOptions);
    const remedy = near
      ? `Did you mean ${near}?`
      : `Known options: ${knownOptions.join(', ')}. ${escapeHint}`;
    return toProblem('it has an unknown option', remedy);
  }
  const badOption = [...options].find(([, value]) => value !== 'true' && value !== 'false');
  return (
    badOption &&
    toProblem(`its option ${badOption[0]} is neither true nor false`, 'Write =true or =false after it.')
  );
}

/** A login is only sent unencrypted to this machine, or if `requireTLS=false` asks for it. */
function chooseTls({ protocol, hostname, username, searchParams }: URL): MailServer['tls'] {
  if (protocol === 'smtps:') return 'start';
  if (searchParams.get('requireTLS') === 'true') return 'required';
  if (searchParams.get('ignoreTLS') === 'true') return 'none';
  const allowsPlainText =
    username === '' || isLoopback(hostname) || searchParams.get('requireTLS') === 'false';
  return allowsPlainText ? 'offered' : 'required';
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
}

const addressPattern = /^(?:[^<>@]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/;

/** Splits a comma-separated list of mail addresses; `wrong` is the first entry that isn't an address. */
export function readAddresses(text: string): {
  readonly addresses: readonly string[];
  readonly wrong: string | undefined;
} {
  const addresses = text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return { addresses, wrong: addresses.find((one) => !addressPattern.test(one)) };
}
