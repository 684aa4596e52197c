/** Returns nginx's error message for the arguments of a directive, undefined if they are valid. */
export type CheckDirective = (words: readonly string[]) => string | undefined;

/**
 * The directives whose arguments come from a user's settings, with nginx's own checks (`ngx_conf_set_*_slot` in its
 * source). All others in Dokku's template have fixed arguments.
 */
export const directiveChecks: Readonly<Record<string, CheckDirective>> = {
  server_name: checkServerNames,
  client_max_body_size: checkValue('client_max_body_size', /^\d+[kmg]?$/i),
  client_body_timeout: checkTime('client_body_timeout'),
  client_header_timeout: checkTime('client_header_timeout'),
  keepalive_timeout: checkTime('keepalive_timeout', 2),
  lingering_timeout: checkTime('lingering_timeout'),
  send_timeout: checkTime('send_timeout'),
  proxy_connect_timeout: checkTime('proxy_connect_timeout'),
  proxy_read_timeout: checkTime('proxy_read_timeout'),
  proxy_send_timeout: checkTime('proxy_send_timeout'),
  proxy_buffer_size: checkValue('proxy_buffer_size', /^\d+[km]?$/i),
  proxy_busy_buffers_size: checkValue('proxy_busy_buffers_size', /^\d+[km]?$/i),
  proxy_buffering: checkFlag('proxy_buffering'),
  underscores_in_headers: checkFlag('underscores_in_headers'),
  proxy_buffers: checkBuffers,
  keepalive: checkValue('keepalive', /^[1-9]\d*$/),
  allow: checkAddress,
  deny: checkAddress,
};

function checkServerNames(names: readonly string[]): string | undefined {
  const invalid = names.find((name) => (name.startsWith('*') && !/^\*\../.test(name)) || name === '.');
  return invalid === undefined ? undefined : `server name "${invalid}" is invalid`;
}

function checkValue(name: string, pattern: RegExp, most = 1): CheckDirective {
  return (words) => {
    if (words.length === 0 || words.length > most)
      return `invalid number of arguments in "${name}" directive`;
    return words.every((word) => pattern.test(word)) ? undefined : `"${name}" directive invalid value`;
  };
}

function checkTime(name: string, most = 1): CheckDirective {
  return checkValue(name, /^(\d+(ms|[yMwdhms]?))+$/, most);
}

function checkFlag(name: string): CheckDirective {
  return (words) => {
    if (words.length !== 1) return `invalid number of arguments in "${name}" directive`;
    const [word = ''] = words;
    return /^(on|off)$/i.test(word)
      ? undefined
      : `invalid value "${word}" in "${name}" directive, it must be "on" or "off"`;
  };
}

function checkBuffers(words: readonly string[]): string | undefined {
  if (words.length !== 2) return 'invalid number of arguments in "proxy_buffers" directive';
  const [count = '', size = ''] = words;
  return /^[1-9]\d*$/.test(count) && /^\d+[km]?$/i.test(size)
    ? undefined
    : '"proxy_buffers" directive invalid value';
}

function checkAddress(words: readonly string[]): string | undefined {
  const [word = ''] = words;
  const [address = '', bits] = word.split('/');
  const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address);
  const isNetwork = isAddress && (bits === undefined || /^\d{1,3}$/.test(bits) || isAddress);
  return word === 'all' || word === 'unix:' || isNetwork ? undefined : `invalid parameter "${word}"`;
}
