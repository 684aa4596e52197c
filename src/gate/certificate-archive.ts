import { createPrivateKey, X509Certificate } from 'node:crypto';

/** The size of a block of a tar archive, in bytes. */
const block = 512;

/**
 * Returns why an archive is not what `certs:add` gets from dokku-deploy; undefined if it is: the files server.crt and server.key, a
 * certificate and its own key. Dokku unpacks any archive, in which a link would lead to another file of the host, and nginx stops for all
 * apps if the key is that of another certificate.
 */
export function checkCertificateArchive(archive: Buffer): string | undefined {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (at < archive.length && !isEmpty(archive.subarray(at, at + block))) {
    const header = archive.subarray(at, at + block);
    const size = readSize(header);
    const name = readText(header.subarray(0, 100));
    const isFile = header[156] === 0x30 && readText(header.subarray(157, 257)) === '';
    if (size === undefined || !isFile || !hasSum(header) || readText(header.subarray(345, 500)) !== '')
      return 'the archive has something else than plain files';
    if (!fileNames.has(name) || files.has(name))
      return 'the archive has other files than server.crt and server.key';
    at += block;
    files.set(name, archive.subarray(at, at + size));
    if (files.get(name)?.length !== size) return 'the archive is cut off';
    at += Math.ceil(size / block) * block;
  }
  if (!isEmpty(archive.subarray(at)) || files.size !== fileNames.size)
    return 'the archive has other files than server.crt and server.key';
  return checkPair(files.get('server.crt') ?? empty, files.get('server.key') ?? empty);
}

const fileNames: ReadonlySet<string> = new Set(['server.crt', 'server.key']);

const empty = Buffer.alloc(0);

function isEmpty(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? field.length : end);
}

/** The sizes of GNU tar for huge files are not octal digits. */
function readSize(header: Buffer): number | undefined {
  const text = readText(header.subarray(124, 136)).trim();
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function hasSum(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return Number.parseInt(readText(header.subarray(148, 156)), 8) === sum;
}

const pemOnly = /^(-----BEGIN [A-Z0-9 ]+-----\r?\n[A-Za-z0-9+/=\r\n]+-----END [A-Z0-9 ]+-----\s*)+$/;

function checkPair(certificate: Buffer, key: Buffer): string | undefined {
  const chain = certificate.toString('latin1');
  const secret = key.toString('latin1');
  if (!pemOnly.test(chain) || !pemOnly.test(secret)) return 'the certificate or its key is not in PEM format';
  try {
    const blocks = chain.match(/-----BEGIN [\s\S]+?-----END [^-]+-----/g) ?? [];
    const [first] = blocks.map((text) => new X509Certificate(text));
    return first?.checkPrivateKey(createPrivateKey(secret))
      ? undefined
      : 'the key is not that of the certificate';
  } catch {
    return 'the certificate or its key cannot be read';
  }
}
