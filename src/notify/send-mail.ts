import type { MailServer } from '../context/notification-types.ts';
import { type DeliveryResult, deliveryTimeout, toNetworkFailure } from './delivery.ts';
import type { MailContent } from './mail.ts';

/** A mail with its server, sender and recipients. */
export interface OutgoingMail {
  readonly server: MailServer;
  readonly from: string;
  readonly to: readonly string[];
  readonly content: MailContent;
}

/** Sends a mail. It counts as failed if the server refuses any of the recipients. */
export async function sendMail(
  { server, from, to, content }: OutgoingMail,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(buildTransportOptions(server));
  try {
    const headers = { 'Auto-Submitted': 'auto-generated' };
    const sent = await transport.sendMail({ from, to: [...to], ...content, headers, signal });
    if (sent.rejected.length === 0) return { kind: 'delivered' };
    const reason = `the server refused ${sent.rejected.length} of ${to.length} addresses: ${sent.rejected.join(', ')}`;
    return { kind: 'failed', reason, retryable: false };
  } catch (error) {
    return toMailFailure(error, server);
  } finally {
    transport.close();
  }
}

function buildTransportOptions({ host, port, tls, verifyCertificate, login }: MailServer) {
  return {
    host,
    port,
    secure: tls === 'start',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    tls: { rejectUnauthorized: verifyCertificate },
    ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: deliveryTimeout,
    greetingTimeout: deliveryTimeout,
    socketTimeout: deliveryTimeout,
  };
}

type MailError = NodeJS.ErrnoException & { readonly response?: string; readonly responseCode?: number };

const noTls =
  'the server does not support TLS (STARTTLS), which this mail requires; add ?requireTLS=false to the server’s URL to send the login without encryption';

/** Turns an error into a failure, with the server's answer if there is one. */
function toMailFailure(error: unknown, { tls }: MailServer): DeliveryResult {
  const { code, response, responseCode } = error as MailError;
  if (tls === 'required' && code === 'ETLS' && responseCode !== undefined) {
    return { kind: 'failed', reason: noTls, retryable: false };
  }
  if (response === undefined || responseCode === undefined) return toNetworkFailure(error);
  const said = response.replace(/\s+/g, ' ');
  const reason = code === 'EAUTH' ? `the server does not accept the login: ${said}` : said;
  // RFC 5321: 4xx is temporary, 5xx permanent.
  return { kind: 'failed', reason, retryable: responseCode < 500 };
}
