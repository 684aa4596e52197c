import { Buffer } from 'node:buffer';
import { findUrlPasswords, isPlainWord, maskUrlPasswords, minSecretLength } from '../secret.ts';

/** A text in which a secret may appear. */
export interface SecretForm {
  readonly text: string;
  /** The character before and after it may contain bits of the secret, too. */
  readonly isBase64: boolean;
}

/**
 * Returns the forms in which output may contain a secret: the value, each of its lines and the password of a URL in it; as
 * they are, escaped for JSON, shells, HTML and URLs; and the bytes in hexadecimal and in base64, there at any offset. The
 * search ignores case. docs/security.md lists what isn't covered.
 */
export function listSecretForms(value: string): SecretForm[] {
  const wholes = [value, value.trim(), ...findUrlPasswords(value).filter(isMaskable)];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const texts = [...wholes, ...(lines.length > 1 ? lines.filter(isMaskable) : [])];
  const plain = texts.flatMap((text) => [text, maskUrlPasswords(text), text.replace(/\s+/g, ' ')]);
  const escaped = [...new Set(plain)].flatMap((text) => [...escapeText(text), ...escapeUrl(text)]);
  const isLong = (text: string): boolean => text.length >= minSecretLength;
  return [
    ...[...new Set([...plain, ...escaped])].filter(isLong).map((text) => ({ text, isBase64: false })),
    ...[...new Set(wholes)].filter(isLong).flatMap(encodeBytes),
  ];
}

/** Whether a part of a secret may be masked on its own: not an ordinary word, nor the header of a key. */
function isMaskable(part: string): boolean {
  return !isPlainWord(part) && !/^-----[A-Z ]+-----$/.test(part);
}

/** Escapes a text as JSON libraries, shells, interpreters and HTML templates do. */
function escapeText(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, toUnicodeEscape);
  const jsons = [json, json.replaceAll('/', '\\/'), ascii, ascii.replaceAll('/', '\\/')];
  return [
    ...jsons,
    // The JSON of an app in a log of JSON.
    ...jsons.map((one) => JSON.stringify(one).slice(1, -1)),
    stripControls(text),
    text.toUpperCase(),
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[^\w@%+=:,./-]/gu, '\\$&'),
    text.replace(/[^\w@%+=:,./\u0080-\u{10ffff}-]/gu, '\\$&'),
    text.replace(/[$`"\\]/g, '\\$&'),
    text.replace(/[\\']/g, '\\$&'),
    text.replaceAll('\\', '\\\\'),
    ...[htmlNames, htmlDecimals, htmlHexes].map((entity) => text.replace(/[&<>"']/g, entity)),
  ];
}

function toUnicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function stripControls(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function htmlNames(one: string): string {
  return entities[one] ?? one;
}

function htmlDecimals(one: string): string {
  return `&#${one.charCodeAt(0)};`;
}

function htmlHexes(one: string): string {
  return one === "'" ? '&#x27;' : htmlNames(one);
}

/** Escapes a text as URLs and forms do. */
function escapeUrl(text: string): string[] {
  const component = encodeURIComponent(text.toWellFormed());
  const strict = component.replace(/[!'()*]/g, percentEncode);
  const form = strict.replaceAll('%20', '+');
  const phpForm = form.replaceAll('~', '%7E');
  return [
    component,
    strict,
    form,
    phpForm,
    phpForm.replaceAll('%2A', '*'),
    encodeURI(text.toWellFormed()),
    encodeURIComponent(component),
  ];
}

function percentEncode(one: string): string {
  return `%${one.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Encodes the bytes of a text in hexadecimal and base64: of a longer text that contains it, and wrapped in lines. */
function encodeBytes(text: string): SecretForm[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].flatMap((offset) => encodeBase64(bytes, offset));
  const wrapped = [64, 76].flatMap((width) => wrapLines(bytes.toString('base64'), width));
  return [
    { text: bytes.toString('hex'), isBase64: false },
    ...[...new Set([...base64, ...wrapped])].map((one) => ({ text: one, isBase64: true })),
  ];
}

/** Returns the characters of base64 that the bytes alone decide when so many other bytes (modulo 3) are before them. */
function encodeBase64(bytes: Buffer, offset: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((alphabet) => padded.toString(alphabet).slice(first, last));
}

/** Returns the lines of a text that is wrapped at a width, as programs print base64; none for a single line. */
function wrapLines(text: string, width: number): string[] {
  if (text.length <= width) return [];
  const lines = Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width).replace(/=+$/, ''),
  );
  return lines.filter((line) => line.length >= 2 * minSecretLength);
}
