import type { Command, Value } from './command.ts';

/** Prints the app's certificate with its chain; exits 1 if it has none. */
export function showCertificate(app: string): Command {
  return { words: ['certs:show', app, 'crt'] };
}

/** What `showCertificate` prints on standard error if the app has none. */
export const noCertificate = /doesn't have an SSL endpoint defined/;

/** Replaces the app's certificate and key, which are sent as a tar archive. */
export function addCertificate(app: string, certificate: string, key: Value): Command {
  return { words: ['certs:add', app], archive: { 'server.crt': certificate, 'server.key': key } };
}

/** Removes the app's certificate; exits 1 if it has none. */
export function removeCertificate(app: string): Command {
  return { words: ['certs:remove', app] };
}
