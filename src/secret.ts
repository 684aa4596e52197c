import { Buffer } from 'node:buffer';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A value that must not be shown. It prints, and serializes to JSON, as its name in brackets; only `reveal` returns it.
 * Values shorter than `minSecretLength` are not masked in output: `1` or `true` would black out every line.
 */
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

export const minSecretLength = 6;

/**
 * Returns a function that replaces each secret in a text with its name in brackets. The longest form goes first, so that a
 * secret that starts with another one leaves no tail.
 */
export function createMask(secrets: Iterable<Secret>): (text: string) => string {
  const names = new Map<string, string>();
  const wholes = [...secrets]
    .filter(({ isPublic }) => !isPublic)
    .map((secret) => ({ name: secret.toString(), text: secret.reveal() }));
  const parts = wholes.flatMap(({ name, text }) =>
    findUrlPasswords(text).map((part) => ({ name, text: part })),
  );
  // Whole values come last: a secret that is also part of another one keeps its own name.
  for (const { name, text } of [...parts, ...wholes]) {
    for (const form of encodedForms(text)) {
      if (form.length >= minSecretLength && !/^-----[A-Z ]+-----$/.test(form)) names.set(form, name);
    }
  }
  const forms = [...names].sort(([a], [b]) => b.length - a.length);
  return (text) => {
    // Placeholders first, names after: an inserted name must not be searched again.
    const marked = forms.reduce((rest, [form], index) => rest.replaceAll(form, `\0${index}\0`), text);
    return marked === text
      ? text
      : marked.replace(/\0(\d+)\0/g, (_, index: string) => forms[Number(index)]?.[1] ?? '');
  };
}

const passwordInUrl = /(:\/\/[^:@\s/]*:)([^@\s]+)@/g;

function findUrlPasswords(text: string): string[] {
  return [...text.matchAll(passwordInUrl)].flatMap(([, , password = '']) => [
    password,
    decodePercent(password),
  ]);
}

/**
 * The forms in which a secret may appear: the value and each of its lines, also with the password of a URL starred; their
 * JSON forms, and the JSON of those (an app's JSON in a JSON log); the base64 and URL forms of the whole value.
 */
function encodedForms(value: string): Set<string> {
  const whole = [value, value.trim()];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const plain = [...whole, ...lines].flatMap((text) => [text, maskUrlPasswords(text)]);
  const json = plain.map(escapeJson);
  const base64 = whole.map((text) => Buffer.from(text).toString('base64'));
  const base64Url = whole.map((text) => Buffer.from(text).toString('base64url'));
  const urls = whole.map((text) => encodeURIComponent(text.toWellFormed()));
  return new Set([...plain, ...json, ...json.map(escapeJson), ...base64, ...base64Url, ...urls]);
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Replaces the password in each URL of a text. The host's output of a link shows a password that no job knows. */
export function maskUrlPasswords(text: string): string {
  return text.replace(passwordInUrl, '$1***@');
}

/** Decodes the %XX of a URL's part. Returns the text unchanged if they are malformed. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Secrets by the names that a plan uses for them. */
export type Vault = ReadonlyMap<string, Secret>;
