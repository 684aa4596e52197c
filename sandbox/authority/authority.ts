import { type IssuedCertificate, issueCertificate } from './issue-certificate.ts';

/** A certificate authority that the host can reach. It checks nothing: each host name gets a certificate. */
export interface Authority {
  /** Its own certificate, as PEM: what a client has to trust. */
  readonly certificate: string;
  /** Issues a certificate for host names, as PEM with the authority's own below it. */
  readonly issue: (names: readonly string[], now: number) => Pick<IssuedCertificate, 'certificate' | 'key'>;
}

const day = 24 * 60 * 60 * 1_000;

/** Creates an authority. Its certificates are valid for 90 days, as Let's Encrypt's. */
export function createAuthority(now: number): Authority {
  const root = issueCertificate({
    subject: 'Sandbox Authority',
    from: new Date(now - day),
    until: new Date(now + 10 * 365 * day),
    isAuthority: true,
  });
  return {
    certificate: root.certificate,
    issue: (names, at) => {
      const [subject = ''] = names;
      const validity = { from: new Date(at - day / 24), until: new Date(at + 90 * day) };
      const { certificate, key } = issueCertificate({ subject, names, issuer: root, ...validity });
      return { certificate: `${certificate}${root.certificate}`, key };
    },
  };
}
