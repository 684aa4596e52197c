import type { HostAddress } from './access-types.ts';

const addressPattern =
  /^(?:ssh:\/\/)?(?:(?<user>[^@:\s/]+)@)?(?<host>\[[0-9A-Fa-f:.%]+\]|[^:@\s/[\]]+|[0-9A-Fa-f:]+:[0-9A-Fa-f:]*)(?::(?<port>\d+))?\/?$/;

/** Reads DOKKU_HOST. `problem` goes behind the variable's name. */
export function readHostAddress(value: string): HostAddress | { readonly problem: string } {
  const text = value.trim();
  const { user = 'dokku', host = '', port } = addressPattern.exec(text)?.groups ?? {};
  if (host === '') return { problem: describeProblem(text) };
  const number = port === undefined ? 22 : Number(port);
  if (number < 1 || number > 65_535) return { problem: `has the port ${port}, which does not exist` };
  if (/^[0-9.]+$/.test(host) && !/^\d{1,3}(\.\d{1,3}){3}$/.test(host))
    return { problem: `has ${host}, which is no address` };
  return { user, host: host.replace(/^\[|\]$/g, ''), port: number };
}

function describeProblem(text: string): string {
  if (/^[a-z]+:\/\//.test(text) && !text.startsWith('ssh://')) return 'is a URL of another kind than ssh://';
  if (/\s/.test(text)) return 'has a blank in it';
  if (/^(ssh:\/\/)?[^@/]*:[^@]*@/.test(text)) return 'has a password in it: Dokku takes keys only';
  if (/^(ssh:\/\/)?([^@]+@)?[^/]*\/./.test(text) || /^[^:/]+:[^\d/]/.test(text))
    return 'has a path behind the host';
  return 'is not of the form host, host:port, user@host or ssh://user@host:port (IPv6 in brackets)';
}

/** `dokku@host:22`, as it is shown. */
export function formatAddress({ user, host, port }: HostAddress): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
}
