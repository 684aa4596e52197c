/** A value with its `$NAME` and `${NAME}` replaced, and the names that the job does not have. `$$` is a dollar. */
export interface Expanded {
  readonly value: string;
  readonly missing: readonly string[];
}

const reference = /\$(?:\$|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** Puts the job's variables into a text. */
export const expand = (text: string, env: Readonly<Record<string, string | undefined>>): Expanded => {
  const missing: string[] = [];
  const value = text.replace(reference, (whole, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain;
    if (name === undefined) return '$';
    const found = env[name];
    if (found === undefined) missing.push(name);
    return found ?? whole;
  });
  return { value, missing };
};

/**
 * Whether a text of the configuration file hides nothing: it stands in the repository as it is, or names only GitLab's
 * own variables that are no credentials. `production` in every URL must not turn into the name of a variable.
 */
export const isPublicText = (text: string): boolean =>
  [...text.matchAll(reference)].every(([, braced, plain]) => {
    const name = braced ?? plain;
    return name === undefined || /^CI_(?!.*(TOKEN|PASSWORD|KEY|SECRET|JWT))/.test(name);
  });

const encode = 'store it encoded (base64) and decode it in the app';

/**
 * Why Dokku cannot keep a value as it is; undefined for one that it can. Recorded on Dokku 0.38: a backslash or a double
 * quote at the end makes the whole environment unreadable; digits with leading zeros or a plus sign are rewritten.
 */
export const valueProblem = (
  value: string,
): { readonly message: string; readonly remedy: string } | undefined => {
  if (/[\\"]$/.test(value)) {
    return {
      message: `ends with ${value.at(-1)}, which makes the app’s whole configuration unreadable on the host`,
      remedy: encode,
    };
  }
  if (/^[+-]?\d{1,19}$/.test(value) && String(BigInt(value)) !== value) {
    return {
      message: `would be changed by Dokku to ${BigInt(value)}`,
      remedy: `${encode}, or put a character in front of it`,
    };
  }
  if (value.includes('\0'))
    return { message: 'has a NUL byte, which no environment can hold', remedy: encode };
  if (!value.isWellFormed()) return { message: 'is not valid Unicode', remedy: encode };
  return undefined;
};

/** Why a key is none for Dokku; undefined for a good one. */
export const keyProblem = (key: string): string | undefined =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
    ? undefined
    : 'may have only letters, digits and underscores, and begins with no digit';
