import { isIP } from 'node:net';

/** Whether a word has a form. */
export interface Form {
  readonly test: (word: string) => boolean;
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const types = '[A-Za-z0-9_][A-Za-z0-9_-]{0,63}';

/**
 * The forms of the values of declared settings, each as narrow as Dokku, Docker and nginx take it: one nginx serves all apps of a host,
 * and refuses the configuration of all because of one value. None begins with a dash, but OPTION, which Dokku expects to.
 */
export const settingForms = {
  DOMAIN: new RegExp(`^(?=.{1,253}$)(\\*\\.)?${label}(\\.${label})*$`),
  SCALE: new RegExp(`^${types}=\\d{1,4}$`),
  TYPE: new RegExp(`^${types}$`),
  TYPES: new RegExp(`^${types}(,${types})*$`),
  NUMBER: /^\d{1,9}$/,
  BOOLEAN: /^(true|false)$/,
  SWITCH: /^(on|off)$/,
  TIME: /^(?=.)(\d{1,6}(ms)?|(\d{1,4}d)?(\d{1,4}h)?(\d{1,5}m)?(\d{1,6}s)?)$/,
  RESTART: /^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/,
  BRANCH: /^(?!.*(\.\.|\/\/|\.lock$|[./]$))(?!refs\/)(?![0-9a-f]{40}$)[A-Za-z0-9_][A-Za-z0-9._/-]{0,254}$/,
  VARIABLE: /^(?!DOKKU_)[A-Za-z_][A-Za-z0-9_]{0,254}$/,
  // Below what is shipped: never up, and never absolute.
  PATH: /^(?!(.*\/)?\.\.(\/|$))[\w@%+=:,.][\w@%+=:,./ -]{0,511}$/,
  BUILDER: /^(dockerfile|herokuish|lambda|nixpacks|null|pack|railpack)$/,
  // Neither another protocol of git (`ext::`) nor a host that its ssh would take for an option.
  BUILDPACK:
    /^(https?:\/\/|git:\/\/|git@)[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?[/:][A-Za-z0-9_~.][A-Za-z0-9_~.#/-]{0,254}$/,
  SCHEDULER: /^(docker-local|k3s)$/,
  K3S: /^(namespace|deploy-timeout|rollback-on-failure|image-pull-secrets|letsencrypt-server|letsencrypt-email-prod|letsencrypt-email-stag|cert-issuer-name|cert-issuer-kind|shm-size)$/,
  K3SVALUE: /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,253}$/,
  REPOSITORY: /^[a-z0-9]+([._/-]{1,2}[a-z0-9]+)*$/,
  AMOUNT: /^(clear|\d{1,9}(\.\d{1,6})?)$/,
  ENTRY: /^(?!legacy-)[a-z0-9]([-a-z0-9]{0,43}[a-z0-9])?$/,
  OWNER: /^(\d{1,5}|herokuish|heroku|paketo|packeto|root)$/,
  // A shell of Dokku reads mounts and options once more, so no character may mean anything to it.
  MOUNTPATH: /^(?!.*\/\.\.(\/|$))\/[\w@%+=./-]{1,511}$/,
  BIND: /^(?!.*\/\.\.([/:]|$))\/[\w@%+=./-]{0,511}:\/[\w@%+=./-]{1,511}(:[a-zA-Z,]{1,40})?$/,
  NETWORKPART: /^(attach-post-create|attach-post-deploy|initial-network)$/,
  NETWORK: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
  PHASES: /^(build|deploy|run)(,(build|deploy|run)){0,2}$/,
  // Docker gets it split at spaces: one option, and at most one value.
  OPTION: /^(-[A-Za-z]|--[a-z][a-z0-9-]*)(=[\w@%+=:,./-]*| [\w@%+=:,./][\w@%+=:,./-]*)?$/,
  WEBPORT: /^(http:80|https:443|grpc:80|grpcs:443):\d{1,5}$/,
  PORT: /^(http|https|grpc|grpcs):\d{1,5}:\d{1,5}$/,
  MAIL: /^[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9][A-Za-z0-9.-]*$/,
  AUTHORITY: /^(default|staging|https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?)$/,
  LOGIN: /^[A-Za-z0-9][\w.@+-]{0,254}$/,
  LOGINPASSWORD: /^(?!-)\P{Cc}{1,512}$/u,
  ADDRESS: { test: isAddress },
  NGINXKEY:
    /^(access-log-format|access-log-path|bind-address-ipv4|bind-address-ipv6|client-body-timeout|client-header-timeout|client-max-body-size|disable-custom-config|error-log-path|hsts|hsts-include-subdomains|hsts-max-age|hsts-preload|keepalive-timeout|lingering-timeout|nginx-conf-sigil-path|proxy-buffer-size|proxy-buffering|proxy-buffers|proxy-busy-buffers-size|proxy-connect-timeout|proxy-keepalive|proxy-read-timeout|proxy-send-timeout|send-timeout|underscore-in-headers|x-forwarded-for-value|x-forwarded-port-value|x-forwarded-proto-value|x-forwarded-ssl)$/,
  NGINXVALUE: /^(?!-)[^;{}"'\\`]{1,512}$/,
  PROXY: /^(nginx|caddy|haproxy|openresty|traefik)$/,
} as const satisfies Readonly<Record<string, Form>>;

/** An IP address or a network: nginx refuses any other text. */
function isAddress(word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
