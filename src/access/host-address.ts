import type { HostAddress } from './access-types.ts';

const addressPattern =
  /^(?:ssh:\/\/)?(?:(?<user>[^@:\s/]+)@)?(?<host>\[[0-9A-Fa-f:.%]+\]|[^:@\s/[\]]+|[0-9A-Fa-f:]+:[0-9A-Fa-f:]*)(?::(?<port>\d+))?\/?$/;

/** Parses DOKKU_HOST. `problem` is a predicate for a message whose subject is the value. */
export function readHostAddress(value: string): HostAddress | { readonly problem: string } {
  const text = value.trim();
  const { user = 'dokku', host = '', port } = addressPattern.exec(text)?.groups ?? {};
  if (host === '') return { problem: describeProblem(text) };
  const number = port === undefined ? 22 : Number(port);
  if (number < 1 || number > 65_535)
    return { problem: `has the port ${port}, which is not between 1 and 65535` };
  if (/^[0-9.]+$/.test(host) && !/^\d{1,3}(\.\d{1,3}){3}$/.test(host))
    return { problem: `has ${host}, which is not an IPv4 address` };
  return { user, host: host.replace(/^\[|\]$/g, ''), port: number };
}

function describeProblem(text: string): string {
  if (/^[a-z]+:\/\//.test(text) && !text.startsWith('ssh://')) return 'is a URL, but not an ssh:// one';
  if (/\s/.test(text)) return 'contains a space or a newline';
  if (/^(ssh:\/\/)?[^@/]*:[^@]*@/.test(text)) return 'contains a password, but Dokku accepts only keys';
  if (/^(ssh:\/\/)?([^@]+@)?[^/]*\/./.test(text) || /^[^:/]+:[^\d/]/.test(text))
    return 'has a path after the host';
  return 'is not a host address';
}

/** `dokku@host`, or `dokku@host:2222` for a port other than 22. */
export function formatAddress({ user, host, port }: HostAddress): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
}
