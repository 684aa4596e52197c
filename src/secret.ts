const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value that must not be shown. It prints, and serializes to JSON, as its name in brackets; only `reveal` returns it. */
export class Secret {
  readonly name: string;
  /** The value is handled like a secret but isn't one: it is not masked in other output. */
  readonly isPublic: boolean;
  readonly #value: string;

  constructor(name: string, value: string, { isPublic = false }: { readonly isPublic?: boolean } = {}) {
    this.name = name;
    this.isPublic = isPublic;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect](): string {
    return this.toString();
  }
}

/** Secrets by the names that a plan uses for them. */
export type Vault = ReadonlyMap<string, Secret>;

/** Shorter values are never masked: `1` or `true` would black out every line. */
export const minSecretLength = 6;

const secretName =
  /SECRET|TOKEN|CREDENTIAL|PASSWORD|PASSPHRASE|(^|[._])(PASS|PASSWD|PASSCODE|PWD|PW|PIN|(API_?)?KEYS?)(_|$)/i;

/** Whether a variable of this name contains a secret, whatever its value looks like. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/**
 * Whether a value is an ordinary setting rather than a secret: none of its names is that of a secret, and it is a word, a
 * number, a version or the URL of a host, such as `production`, `Europe/Paris`, `8080` or `3.12.1`.
 */
export function isSetting(names: readonly string[], value: string): boolean {
  return !names.some(isSecretName) && (isPlainWord(value) || isNumber(value) || isHostUrl(value));
}

/** Whether a value is a word, or a few, that anyone could guess and that any line of a log may contain. */
export function isPlainWord(value: string): boolean {
  return (
    value.length <= 12 &&
    /^([a-z]+|[A-Z]+|[A-Z][a-z]+)([-_./ ](?:[a-z]+|[A-Z]+|[A-Z][a-z]+|\d{1,2}))*$/.test(value)
  );
}

/** Whether a value is a short number, a version or an IPv4 address. */
function isNumber(value: string): boolean {
  return /^v?\d+([-.,:/]\d+)*$/.test(value) && (value.length <= 10 || /^(\d{1,3}\.){3}\d{1,3}$/.test(value));
}

function isHostUrl(value: string): boolean {
  return /^https?:\/\/[\w.-]+(:\d+)?\/?$/.test(value);
}

const passwordInUrl = /(:\/\/[^:@\s/]*:)([^@\s]+)@/g;

/** Replaces the password in each URL of a text. The host's output of a link shows a password that no job knows. */
export function maskUrlPasswords(text: string): string {
  return text.replace(passwordInUrl, '$1***@');
}

/** Returns the password in each URL of a text, as it is and decoded. */
export function findUrlPasswords(text: string): string[] {
  return [...text.matchAll(passwordInUrl)].flatMap(([, , password = '']) => [
    password,
    decodePercent(password),
  ]);
}

/** Decodes the %XX of a URL's part. Returns the text unchanged if they are malformed. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
