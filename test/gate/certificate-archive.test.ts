import { describe, expect, test } from 'vitest';
import { packTar } from '../../src/dokku/tar.ts';
import { checkCertificateArchive } from '../../src/gate/certificate-archive.ts';
import { aCertificate } from '../support/certificates.ts';

const { certificate, key } = aCertificate(['shop.example.com']);
const other = aCertificate(['shop.example.com']);
const pack = (files: Record<string, string>) => Buffer.from(packTar(files));
const valid = pack({ 'server.crt': certificate, 'server.key': key });

/** The archive with one header changed, and its sum made right again. */
const withHeader = (change: (header: Buffer) => void): Buffer => {
  const archive = Buffer.from(valid);
  const header = archive.subarray(0, 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return archive;
};

describe('the archive of a certificate', () => {
  test('passes as dokku-deploy packs it, also with a chain', () => {
    expect(checkCertificateArchive(valid)).toBeUndefined();
    const chain = { 'server.crt': certificate + other.certificate, 'server.key': key };
    expect(checkCertificateArchive(pack(chain))).toBeUndefined();
  });

  test.each([
    ['a symbolic link', withHeader((header) => header.write('2', 156)), 'plain files'],
    ['a hard link', withHeader((header) => header.write('1', 156)), 'plain files'],
    ['a folder', withHeader((header) => header.write('5', 156)), 'plain files'],
    ['a long name of GNU tar', withHeader((header) => header.write('L', 156)), 'plain files'],
    ['a link’s target', withHeader((header) => header.write('/etc/passwd', 157)), 'plain files'],
    ['a prefix of the name', withHeader((header) => header.write('../..', 345)), 'plain files'],
    ['a size that is not octal', withHeader((header) => header.writeUInt8(0x80, 124)), 'plain files'],
    ['another name', withHeader((header) => header.write('../../x.crt\0', 0)), 'other files'],
    ['the same name twice', withHeader((header) => header.write('server.key\0', 0)), 'other files'],
    ['a wrong sum', Buffer.concat([Buffer.from('S'), valid.subarray(1)]), 'plain files'],
    ['an end that is missing', valid.subarray(0, 700), 'cut off'],
    ['one file only', pack({ 'server.crt': certificate }), 'other files'],
    [
      'a third file',
      pack({ 'server.crt': certificate, 'server.key': key, 'x.crt': certificate }),
      'other files',
    ],
    ['more after its end', Buffer.concat([valid, Buffer.from('x')]), 'other files'],
    ['nothing', Buffer.alloc(0), 'other files'],
    ['compressed data', Buffer.from('\u001f\u008b\u0008\u0000', 'latin1'), 'plain files'],
    [
      'the key of another certificate',
      pack({ 'server.crt': certificate, 'server.key': other.key }),
      'is not that',
    ],
    [
      'text around the certificate',
      pack({ 'server.crt': `x\n${certificate}`, 'server.key': key }),
      'not in PEM',
    ],
    ['something else in PEM', pack({ 'server.crt': key, 'server.key': key }), 'cannot be read'],
  ])('is refused with %s', (_, archive, reason) => {
    expect(checkCertificateArchive(archive)).toContain(reason);
  });

  test('is refused, and never an error, whichever byte is changed', () => {
    for (let at = 0; at < 1024; at += 1) {
      const changed = Buffer.from(valid);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      expect(() => checkCertificateArchive(changed)).not.toThrow();
      // What follows the digits of the sum means nothing.
      if (at < 148 || (at > 155 && at < 512)) expect(checkCertificateArchive(changed)).toBeDefined();
    }
  });
});
