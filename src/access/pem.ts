const begin = /-----BEGIN ([A-Z0-9 ]+)-----/;

/**
 * Restores a key file that was altered in a CI variable: undoes CRLF, a missing last newline, literal `\n`, spaces
 * instead of newlines, and base64. Text that is not PEM is returned unchanged, but trimmed.
 */
export function normaliseKey(text: string): string {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const unescaped = trimmed.replace(/\\r/g, '').replace(/\\n/g, '\n');
  const plain = begin.test(unescaped) ? unescaped : (decodeBase64Key(unescaped) ?? trimmed);
  const parts = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/.exec(plain);
  if (!parts) return plain;
  const [, label = '', body = ''] = parts;
  return [`-----BEGIN ${label}-----`, ...bodyLines(body), `-----END ${label}-----`, ''].join('\n');
}

function decodeBase64Key(text: string): string | undefined {
  const bare = text.replace(/\s+/g, '');
  if (bare.length < 64 || !/^[A-Za-z0-9+/_-]+=*$/.test(bare)) return undefined;
  const plain = Buffer.from(bare, 'base64').toString('latin1');
  return begin.test(plain) || plain.startsWith('PuTTY-User-Key-File') ? plain : undefined;
}

/** The lines of the body, which may have spaces instead of newlines. */
function bodyLines(body: string): string[] {
  const encryption = /Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+,[0-9A-Fa-f]+)/.exec(body);
  const content = (encryption ? body.replace(encryption[0], '') : body).replace(/\s+/g, '');
  const lines = content.match(/.{1,64}/g) ?? [];
  return encryption ? ['Proc-Type: 4,ENCRYPTED', `DEK-Info: ${encryption[1]}`, '', ...lines] : lines;
}

const pasteAgainRemedy = 'Paste the whole private key file, from the BEGIN line to the END line.';

const knownMistakes: readonly (readonly [RegExp, string, string])[] = [
  [/^$/, 'is empty', pasteAgainRemedy],
  [
    /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]|BEGIN (SSH2 )?PUBLIC KEY|BEGIN RSA PUBLIC KEY/,
    'is a public key',
    'Paste the private key (the file without .pub); the public key belongs on the Dokku host.',
  ],
  [
    /^PuTTY-User-Key-File/,
    'is a key in PuTTY’s format',
    'Convert it to an OpenSSH key: puttygen key.ppk -O private-openssh -o deploy_key',
  ],
  [/BEGIN CERTIFICATE|^ssh-\S+-cert-v01/, 'is a certificate, not a private key', pasteAgainRemedy],
  [
    /BEGIN DSA PRIVATE KEY/,
    'is a DSA key, which current SSH servers do not accept',
    'Generate a new key: ssh-keygen -t ed25519 -N "" -f deploy_key',
  ],
  [
    /^[/~.][^\s]*$/,
    'is the path of a file that does not exist or cannot be read',
    'Make it a file-type variable, or paste the key as its value.',
  ],
];

/** Explains why a text is not a complete PEM private key; returns undefined if it is one. `message` follows "it". */
export function diagnoseKey(text: string): { readonly message: string; readonly remedy: string } | undefined {
  for (const [form, message, remedy] of knownMistakes) {
    if (form.test(text)) return { message, remedy };
  }
  if (!begin.test(text))
    return { message: 'is not a private key: it has no BEGIN line', remedy: pasteAgainRemedy };
  const label = begin.exec(text)?.[1] ?? '';
  if (!text.includes(`-----END ${label}-----`)) {
    return { message: 'is cut off: its END line is missing', remedy: pasteAgainRemedy };
  }
  return undefined;
}
