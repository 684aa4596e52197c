import { nearest } from '../problems.ts';
import { percentDecoded, Secret } from '../secret.ts';
import type { MailServer } from './context.ts';

/** What is wrong with a text that should name a mail server; never the text itself, which holds a password. */
interface Wrong {
  readonly problem: { readonly message: string; readonly remedy: string };
}

const shape = 'Write smtp://login:password@host:587, or smtps:// for TLS from the start.';

const escapes = 'Of login and password write @ / : # ? as %40 %2F %3A %23 %3F.';

/**
 * Reads an SMTP URL; `name` is what its password prints as. The ports are those of RFC 8314: 587 for STARTTLS, 465 for TLS from the
 * start.
 */
export function readMailServer(text: string, name: string): MailServer | Wrong {
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    return wrong('it is not the URL of a mail server', `${shape} ${escapes}`);
  }
  if (url.hash !== '' || !['', '/'].includes(url.pathname)) {
    return wrong('there is more behind the host than options', escapes);
  }
  const odd = optionProblem(url.searchParams);
  if (odd) return odd;
  const login = {
    user: percentDecoded(url.username),
    password: new Secret(name, percentDecoded(url.password)),
  };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : Number(url.port),
    tls: tlsOf(url),
    checked: url.searchParams.get('tls.rejectUnauthorized') !== 'false',
    login: url.username === '' ? undefined : login,
  };
}

function wrong(message: string, remedy = shape): Wrong {
  return { problem: { message, remedy } };
}

const known = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized'];

function optionProblem(options: URLSearchParams): Wrong | undefined {
  const unknown = [...options.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    // Its name is not repeated: behind a ? that stands in a password it is the rest of that password.
    const near = nearest(unknown, known);
    const remedy = near ? `Did you mean ${near}?` : `Known are ${known.join(', ')}. ${escapes}`;
    return wrong('it has an option that is not known', remedy);
  }
  const odd = [...options].find(([, value]) => value !== 'true' && value !== 'false');
  return odd && wrong(`its option ${odd[0]} is neither true nor false`, 'Write =true or =false behind it.');
}

/** A login is not sent in clear, but on this very machine or when that is asked for. */
function tlsOf({ protocol, hostname, username, searchParams }: URL): MailServer['tls'] {
  if (protocol === 'smtps:') return 'start';
  if (searchParams.get('requireTLS') === 'true') return 'required';
  if (searchParams.get('ignoreTLS') === 'true') return 'none';
  const mayBeClear = username === '' || isHere(hostname) || searchParams.get('requireTLS') === 'false';
  return mayBeClear ? 'offered' : 'required';
}

function isHere(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
}

const address = /^(?:[^<>@]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/;

/** Addresses with commas between them, and the first text that is none. */
export function readAddresses(text: string): {
  readonly addresses: readonly string[];
  readonly wrong: string | undefined;
} {
  const addresses = text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return { addresses, wrong: addresses.find((one) => !address.test(one)) };
}
