import { inspect } from 'node:util';

/** How programs write a secret into a log: a name, and the function that writes it. docs/security.md lists them. */
export const printedForms: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', (secret) => secret],
  ['upper case', (secret) => secret.toUpperCase()],
  ['lower case', (secret) => secret.toLowerCase()],
  ['inspected by Node', (secret) => inspect(secret).slice(1, -1)],
  ['coloured', (secret) => `${secret.slice(0, 8)}\u001b[31m${secret.slice(8)}`],
  ['quoted by a shell', (secret) => secret.replaceAll("'", "'\\''")],
  ['escaped for a shell', (secret) => secret.replace(/[^\w@%+=:,./-]/gu, '\\$&')],
  ['base64', (secret) => toBase64(secret)],
  ['base64 of user:secret', (secret) => toBase64(`user:${secret}`)],
  ['base64 of ab:secret', (secret) => toBase64(`ab:${secret}`)],
  ['base64 of a header', (secret) => toBase64(`Authorization: x:${secret}\n`)],
  ['base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['hex', (secret) => Buffer.from(secret).toString('hex')],
  ['upper-case hex', (secret) => Buffer.from(secret).toString('hex').toUpperCase()],
  ['URL', (secret) => encodeURIComponent(secret)],
  [
    'URL in lower-case hex',
    (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  ],
  ['form', (secret) => new URLSearchParams({ s: secret }).toString().slice(2)],
  ['JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
  ['JSON in JSON', (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  [
    'JSON in ASCII',
    (secret) =>
      JSON.stringify(secret)
        .slice(1, -1)
        .replace(/[\u0080-\uffff]/g, toUnicodeEscape),
  ],
  ['HTML', (secret) => secret.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)],
  ['in a URL', (secret) => `https://robot:${encodeURIComponent(secret)}@example.com/`],
];

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function toUnicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
