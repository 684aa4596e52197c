import { readAddress } from './addresses.ts';

/** How nginx and Dokku read a property's value. */
interface ValueForm {
  readonly pattern: { readonly test: (value: string) => boolean };
  /** Follows "expected". */
  readonly expected: string;
}

// The largest unit first, each once (ngx_parse_time in nginx's core/ngx_parse.c).
const time: ValueForm = {
  pattern:
    /^(\d{1,9}|(?=\d)(\d{1,3}y)?(\d{1,4}M)?(\d{1,4}w)?(\d{1,5}d)?(\d{1,6}h)?(\d{1,8}m)?(\d{1,9}s)?(\d{1,9}ms)?)$/,
  expected: 'a time such as 60s or 1m30s',
};
const bufferSize: ValueForm = { pattern: /^[1-9]\d{0,8}[km]?$/i, expected: 'a size such as 8k' };
const flag: ValueForm = { pattern: /^(on|off)$/, expected: 'on or off' };
const boolean: ValueForm = { pattern: /^(true|false)$/, expected: 'true or false' };
const path: ValueForm = { pattern: /^(off|\/[^\s;{}"'$\\]+)$/, expected: 'an absolute path, or off' };
const word: ValueForm = { pattern: /^[^\s;{}"'\\]+$/, expected: 'one word without ; { } and quotes' };

/**
 * The properties of `nginx:set` (recorded on Dokku 0.38), and what nginx accepts for each (its documentation of the directives). Dokku
 * checks no value: one that nginx refuses breaks all apps of the host (facts-2, F29). Those that only an operator can set are left out.
 */
export const nginxProperties: ReadonlyMap<string, ValueForm> = new Map([
  ['access-log-format', word],
  ['access-log-path', path],
  ['bind-address-ipv4', { pattern: { test: isIpv4 }, expected: 'an IPv4 address' }],
  ['bind-address-ipv6', { pattern: { test: isIpv6 }, expected: 'an IPv6 address' }],
  ['client-body-timeout', time],
  ['client-header-timeout', time],
  ['client-max-body-size', { pattern: /^\d{1,9}[kmg]?$/i, expected: 'a size such as 50m, or 0 for any' }],
  ['disable-custom-config', boolean],
  ['error-log-path', path],
  ['hsts', boolean],
  ['hsts-include-subdomains', boolean],
  ['hsts-max-age', { pattern: /^\d+$/, expected: 'a number of seconds' }],
  ['hsts-preload', boolean],
  ['keepalive-timeout', time],
  ['lingering-timeout', time],
  ['nginx-conf-sigil-path', { pattern: /^(?!.*\.\.)[\w][\w./-]*$/, expected: 'a path in the repository' }],
  ['proxy-buffer-size', bufferSize],
  ['proxy-buffering', flag],
  [
    'proxy-buffers',
    { pattern: /^[1-9]\d{0,5} [1-9]\d{0,8}[km]?$/i, expected: 'a number and a size such as 8 4k' },
  ],
  ['proxy-busy-buffers-size', bufferSize],
  ['proxy-connect-timeout', time],
  ['proxy-keepalive', { pattern: /^[1-9]\d{0,5}$/, expected: 'a number of connections' }],
  ['proxy-read-timeout', time],
  ['proxy-send-timeout', time],
  ['send-timeout', time],
  ['underscore-in-headers', flag],
  ['x-forwarded-for-value', word],
  ['x-forwarded-port-value', word],
  ['x-forwarded-proto-value', word],
  ['x-forwarded-ssl', word],
]);

function isIpv4(value: string): boolean {
  return isAddress(value) && !value.includes(':');
}

function isIpv6(value: string): boolean {
  return isAddress(value) && value.includes(':');
}

function isAddress(value: string): boolean {
  return !/[\s/]/.test(value) && typeof readAddress(value) === 'string';
}

/** Returns what is wrong with the value of a property; undefined if nginx accepts it. */
export function checkNginxValue(key: string, value: string): string | undefined {
  const form = nginxProperties.get(key);
  return form === undefined || form.pattern.test(value)
    ? undefined
    : `${JSON.stringify(value)}: expected ${form.expected}`;
}

/**
 * Returns why nginx refuses these sizes of buffers together, with Dokku's defaults for those that are missing; undefined if it accepts
 * them (`ngx_http_proxy_module`).
 */
export function checkBuffers(values: ReadonlyMap<string, string>): string | undefined {
  const [count = '', each = ''] = (values.get('proxy-buffers') ?? '8 4k').split(' ');
  const [size, buffer, busy] = [
    each,
    values.get('proxy-buffer-size') ?? '4k',
    values.get('proxy-busy-buffers-size') ?? '8k',
  ].map(parseSize);
  if (size === undefined || buffer === undefined || busy === undefined) return undefined;
  if (Number(count) < 2) return 'proxy-buffers must be at least 2';
  if (busy < Math.max(buffer, size))
    return 'proxy-busy-buffers-size (default 8k) must not be smaller than proxy-buffer-size or one of proxy-buffers';
  if (busy > (Number(count) - 1) * size)
    return 'proxy-busy-buffers-size (default 8k) must be smaller than all proxy-buffers without one';
  return undefined;
}

function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)([km]?)$/i.exec(text) ?? [];
  return number === undefined
    ? undefined
    : Number(number) * 1024 ** ['', 'k', 'm'].indexOf(unit.toLowerCase());
}
