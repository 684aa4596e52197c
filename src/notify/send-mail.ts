import type { MailServer } from '../context/context.ts';
import { longestDelivery, networkFailure, type Tried } from './delivery.ts';
import type { Letter } from './mail.ts';

/** A mail, and who sends it through which server. */
export interface Mailing {
  readonly server: MailServer;
  readonly from: string;
  readonly to: readonly string[];
  readonly letter: Letter;
}

/** Sends a mail. A server that takes it for some of the addresses only has not delivered it. */
export async function sendMail({ server, from, to, letter }: Mailing, signal: AbortSignal): Promise<Tried> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(optionsOf(server));
  try {
    const headers = { 'Auto-Submitted': 'auto-generated' };
    const sent = await transport.sendMail({ from, to: [...to], ...letter, headers, signal });
    if (sent.rejected.length === 0) return { kind: 'delivered' };
    const reason = `the server refused ${sent.rejected.length} of ${to.length} addresses: ${sent.rejected.join(', ')}`;
    return { kind: 'failed', reason, again: false };
  } catch (error) {
    return failureOf(error, server);
  } finally {
    transport.close();
  }
}

function optionsOf({ host, port, tls, checked, login }: MailServer) {
  return {
    host,
    port,
    secure: tls === 'start',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    tls: { rejectUnauthorized: checked },
    ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: longestDelivery,
    greetingTimeout: longestDelivery,
    socketTimeout: longestDelivery,
  };
}

type MailError = NodeJS.ErrnoException & { readonly response?: string; readonly responseCode?: number };

const noTls =
  'the server has no TLS (STARTTLS), and this mail is not to be sent without: a login goes in clear only where the server’s URL ends with ?requireTLS=false';

/** What went wrong, in the server's words where it had any. */
function failureOf(error: unknown, { tls }: MailServer): Tried {
  const { code, response, responseCode } = error as MailError;
  if (tls === 'required' && code === 'ETLS' && responseCode !== undefined) {
    return { kind: 'failed', reason: noTls, again: false };
  }
  if (response === undefined || responseCode === undefined) return networkFailure(error);
  const said = response.replace(/\s+/g, ' ');
  const reason = code === 'EAUTH' ? `the server does not accept the login: ${said}` : said;
  // RFC 5321: what begins with 4 is for now, with 5 for good.
  return { kind: 'failed', reason, again: responseCode < 500 };
}
