import {
  type CertificateOptions,
  type IssuedCertificate,
  issueCertificate,
} from '../../sandbox/authority/issue-certificate.ts';

const day = 24 * 60 * 60 * 1_000;

/** Issues a certificate that is valid for 90 days, unless `more` says otherwise. */
export const aCertificate = (
  names: readonly string[],
  more: Partial<CertificateOptions> = {},
): IssuedCertificate =>
  issueCertificate({
    subject: names[0] ?? 'nothing',
    names,
    from: new Date(Date.now() - day),
    until: daysFromNow(90),
    ...more,
  });

export const daysFromNow = (days: number): Date => new Date(Date.now() + days * day);
