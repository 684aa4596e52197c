import { Buffer } from 'node:buffer';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A value that must not be shown. It prints, and turns into JSON, as its name in brackets; only `reveal` gives it.
 * Values shorter than `shortestHidden` are not looked for in output: `1` or `true` would black out every line.
 */
export class Secret {
  readonly name: string;
  /** Nobody may print it by itself, and it is no secret: it is not looked for in what others say. */
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

export const shortestHidden = 6;

/** The forms in which a secret may show up: itself, each line of it, base64, URL and JSON forms. */
const formsOf = (value: string): string[] => {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const whole = [value, value.trim()];
  const plain = [...whole, ...lines];
  const base64 = whole.map((text) => Buffer.from(text).toString('base64'));
  const base64Url = whole.map((text) => Buffer.from(text).toString('base64url'));
  const urls = whole.map((text) => encodeURIComponent(text.toWellFormed()));
  const json = whole.map((text) => JSON.stringify(text).slice(1, -1));
  return [...plain, ...base64, ...base64Url, ...urls, ...json];
};

/**
 * Makes a function that replaces each secret in a line by its name in brackets: longest form first, so that a
 * secret that begins with another leaves no tail.
 */
export const mask = (secrets: Iterable<Secret>): ((text: string) => string) => {
  const names = new Map<string, string>();
  for (const secret of secrets) {
    if (secret.isPublic) continue;
    for (const form of formsOf(secret.reveal())) {
      if (form.length >= shortestHidden && !/^-----[A-Z ]+-----$/.test(form))
        names.set(form, secret.toString());
    }
  }
  const forms = [...names].sort(([a], [b]) => b.length - a.length);
  return (text) => {
    // First places, then names: a name that is put in must not be searched again.
    const placed = forms.reduce((rest, [form], index) => rest.replaceAll(form, `\0${index}\0`), text);
    return placed === text
      ? text
      : placed.replace(/\0(\d+)\0/g, (_, index: string) => forms[Number(index)]?.[1] ?? '');
  };
};

/** Secrets by the name under which a plan speaks of them. */
export type Vault = ReadonlyMap<string, Secret>;
