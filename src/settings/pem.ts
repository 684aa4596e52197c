/** A block of a PEM text. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** The whole block in its usual form, with a newline at the end. */
  readonly text: string;
}

/**
 * Returns the blocks of a PEM text, in order. Undoes what CI variables do to one: CRLF, literal `\n`, spaces instead of newlines, and
 * base64 around the whole (a masked variable of GitLab has one line). Empty for anything else.
 */
export function readPem(text: string): PemBlock[] {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const unescaped = trimmed.replace(/\\r/g, '').replace(/\\n/g, '\n');
  const plain = unescaped.includes('-----BEGIN ') ? unescaped : decodeBase64(unescaped);
  return [...plain.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)].map(
    ([, label = '', body = '']) => ({
      label,
      text: [`-----BEGIN ${label}-----`, ...wrapBody(body), `-----END ${label}-----`, ''].join('\n'),
    }),
  );
}

function decodeBase64(text: string): string {
  const bare = text.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/_-]+=*$/.test(bare) ? Buffer.from(bare, 'base64').toString('latin1') : '';
}

/** Returns the lines of a body. The headers of an old encrypted key stay in front of them. */
function wrapBody(body: string): string[] {
  const headers = /Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*(\S+)/.exec(body);
  const content = (headers ? body.replace(headers[0], '') : body).replace(/\s+/g, '');
  const lines = content.match(/.{1,64}/g) ?? [];
  return headers ? ['Proc-Type: 4,ENCRYPTED', `DEK-Info: ${headers[1]}`, '', ...lines] : lines;
}
