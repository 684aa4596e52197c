import type { Command } from '../dokku/command.ts';
import { enableLetsencrypt, setLetsencrypt } from '../dokku/letsencrypt.ts';
import { covers, describeCertificate, readHostNames } from './certificate.ts';
import type { Change, SettingResolver } from './setting.ts';

/** A certificate that the letsencrypt plugin gets. What is undefined is the host's. */
export interface Letsencrypt {
  readonly kind: 'letsencrypt';
  readonly email?: string;
  readonly server?: string;
  readonly isOptional: boolean;
  /** The names that it is for: others need another certificate. Empty for the default ones. */
  readonly domains: readonly string[];
}

/** As in the file. */
interface LetsencryptEntry {
  readonly email?: string | undefined;
  readonly server?: string | undefined;
  readonly optional?: true | undefined;
}

/** Returns what the entry means. Adds every problem with it: the plugin itself checks nothing (facts-2, F41). */
export function resolveLetsencrypt(entry: LetsencryptEntry, resolver: SettingResolver): Letsencrypt {
  const { domains } = resolver;
  const email = entry.email === undefined ? undefined : resolver.text(entry.email, 'letsencrypt.email');
  const server = entry.server === undefined ? undefined : resolver.text(entry.server, 'letsencrypt.server');
  if (email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) && !email.includes('$')) {
    const remedy =
      'Use an address that someone reads: the authority writes to it before a certificate expires.';
    resolver.problem('letsencrypt.email', `${JSON.stringify(email)} is not an e-mail address`, remedy);
  }
  if (server !== undefined && !isServer(server) && !server.includes('$')) {
    const remedy = 'Use default, staging or the URL of the authority’s directory (https://…).';
    resolver.problem('letsencrypt.server', `${JSON.stringify(server)} is not an authority`, remedy);
  }
  if (domains.some((domain) => domain.startsWith('*.')))
    resolver.warn(
      '',
      'for a wildcard domain, the letsencrypt plugin needs a DNS provider (letsencrypt:set dns-provider)',
    );
  if (resolver.target === 'review' && server !== 'staging')
    resolver.warn(
      '',
      'each review app requests a certificate of its own, and Let’s Encrypt issues only 50 a week for one domain: use a wildcard certificate (docs/https-and-access.md)',
    );
  return {
    kind: 'letsencrypt',
    ...(email === undefined ? {} : { email }),
    ...(server === undefined ? {} : { server }),
    isOptional: entry.optional === true,
    domains,
  };
}

function isServer(text: string): boolean {
  return text === 'default' || text === 'staging' || (/^https:\/\/\S+$/.test(text) && URL.canParse(text));
}

/** What an app has. */
interface AppCertificate {
  readonly certificate: string | undefined;
  readonly isIssued: boolean;
  readonly email: string;
  readonly server: string;
}

/** Returns the change that makes the plugin get a certificate; none if the app has one with these settings for its domains. */
export function changeLetsencrypt(app: string, current: AppCertificate, declared: Letsencrypt): Change[] {
  const { email, server, certificate, isIssued } = current;
  const settings = [
    ...(email === (declared.email ?? '') ? [] : [setLetsencrypt(app, 'email', declared.email)]),
    ...(server === (declared.server ?? '') ? [] : [setLetsencrypt(app, 'server', declared.server)]),
  ];
  const names = readHostNames(certificate ?? '');
  const isCovered = declared.domains.every((domain) => names.some((name) => covers(name, domain)));
  if (settings.length === 0 && isIssued && isCovered) return [];
  const own = certificate === undefined ? 'none' : describeCertificate(certificate);
  return [
    {
      id: 'tls',
      title: `Get a certificate of Let’s Encrypt for ${app}`,
      before: isIssued ? describeAuthority({ email, server }, names) : own,
      after: describeAuthority(declared, declared.domains),
      commands: [...settings, enableLetsencrypt(app)],
      phase: 'after-deploy',
      effect: 'at-once',
      changesUrls: true,
      repeat: 'a valid certificate for the same domains is kept',
    },
  ];
}

/** Returns the commands after which the plugin has no settings of the app's own. */
export function forgetLetsencrypt(
  app: string,
  { email, server }: Pick<AppCertificate, 'email' | 'server'>,
): Command[] {
  return [
    ...(email === '' ? [] : [setLetsencrypt(app, 'email', undefined)]),
    ...(server === '' ? [] : [setLetsencrypt(app, 'server', undefined)]),
  ];
}

/** Describes the plugin's settings for people. */
export function describeAuthority(
  { email, server }: Pick<LetsencryptEntry, 'email' | 'server'>,
  domains: readonly string[] = [],
): string {
  const details = [
    ...(domains.length > 0 ? [`for ${domains.join(', ')}`] : []),
    ...(email ? [`e-mail ${email}`] : []),
    ...(server ? [`server ${server}`] : []),
  ];
  return details.length > 0 ? `letsencrypt (${details.join(', ')})` : 'letsencrypt';
}
