import type { HostAddress } from './access-types.ts';

const addressPattern =
  /^(?:ssh:\/\/)?(?:(?<user>[^@:\s/]+)@)?(?<host>\[[0-9A-Fa-f:.%]+\]|[^:@\s/[\]]+|[0-9A-Fa-f:]+:[0-9A-Fa-f:]*)(?::(?<port>\d+))?\/?$/;

// The URL of a git remote: ssh://dokku@host:22/app, or dokku@host:app.
const remotePattern =
  /^(?:(?<url>ssh:\/\/[^/\s]+)\/|(?<scp>[^@:\s/]+@(?:\[[^\]\s]+\]|[^:@\s/]+)):(?!\d+\/?$))(?<app>[a-z0-9][a-z0-9._-]*)\/?$/;

/**
 * Parses DOKKU_HOST: an address, or the URL of a git remote, whose app is ignored. `problem` is a predicate for a message
 * whose subject is the value.
 */
export function readHostAddress(value: string): HostAddress | { readonly problem: string } {
  const { url, scp } = remotePattern.exec(value.trim())?.groups ?? {};
  const text = url ?? scp ?? value.trim();
  const { user = 'dokku', host = '', port } = addressPattern.exec(text)?.groups ?? {};
  if (host === '') return { problem: describeProblem(text) };
  const number = port === undefined ? 22 : Number(port);
  if (number < 1 || number > 65_535)
    return { problem: `has the port ${port}, which is not between 1 and 65535` };
  if (/^[0-9.]+$/.test(host) && !/^\d{1,3}(\.\d{1,3}){3}$/.test(host))
    return { problem: `has ${host}, which is not an IPv4 address` };
  return { user, host: host.replace(/^\[|\]$/g, ''), port: number };
}

/** Returns the app in the URL of a git remote; undefined for any other text. */
export function readRemoteApp(value: string): string | undefined {
  return remotePattern.exec(value.trim())?.groups?.app;
}

function describeProblem(text: string): string {
  if (/^[a-z]+:\/\//.test(text) && !text.startsWith('ssh://')) return 'is a URL, but not an ssh:// one';
  if (/\s/.test(text)) return 'contains a space or a newline';
  if (/^(ssh:\/\/)?[^@/]*:[^@]*@/.test(text)) return 'contains a password, but Dokku accepts only keys';
  const path = /^(?:ssh:\/\/)?[^/:]+(?::\d+)?\/(.+)$|^[^:/]+:([^\d/].*)$/.exec(text);
  if (path) return `ends with ${JSON.stringify(path[1] ?? path[2])}: set the app with --app or DOKKU_APP`;
  return 'is not a host address';
}

/** `dokku@host`, or `dokku@host:2222` for a port other than 22. */
export function formatAddress({ user, host, port }: HostAddress): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
}

/** Whether a host name or address is this machine. RFC 6761 reserves all names below `localhost` for that. */
export function isLoopback(host: string): boolean {
  return /^((.+\.)?localhost|127\.[\d.]+|\[?::1\]?)$/.test(host);
}
