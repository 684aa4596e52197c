/**
 * Returns a shell variable for each secret of a vault, all different: `API_TOKEN` for `config.API_TOKEN`. A name that a shell or
 * ssh gives a meaning, or that two secrets would share, has the secret's whole name: `CONFIG_PATH`.
 */
export function nameShellVariables(secrets: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const secret of secrets) {
    const [, key] = /^(?:config|generated)\.(.+)$/.exec(secret) ?? [];
    const short = toVariable(key ?? secret.toUpperCase());
    const candidates = [...(isReserved(short) ? [] : [short]), toVariable(secret.toUpperCase())];
    const name = candidates.find((one) => !taken.has(one)) ?? `${candidates.at(-1)}_${names.size}`;
    names.set(secret, name);
    taken.add(name);
  }
  return names;
}

function toVariable(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}

const reserved =
  /^(PATH|HOME|IFS|PWD|OLDPWD|SHELL|USER|LOGNAME|TERM|ENV|LANG|CDPATH|MAIL|TMPDIR|EDITOR|HISTFILE|RANDOM|SECONDS|LINENO|OPTARG|OPTIND|PPID|E?UID|DISPLAY|DOKKU_HOST|PS\d|(LC|LD|SSH|GIT|BASH|ZSH)_\w+|_)$/;

function isReserved(name: string): boolean {
  return reserved.test(name);
}
