import { X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { createAuthority } from '../../sandbox/authority/authority.ts';
import { aCertificate, daysFromNow } from '../support/certificates.ts';
import type { DeclaredApp } from '../support/declared-app.ts';
import type { BadValueRow, SettingRow } from './setting-row.ts';

const { certificate, key } = aCertificate(['example.com', '*.example.com']);
const env = { TLS_CERT: certificate, TLS_KEY: key };
const own = 'tls: {certificate: $TLS_CERT, key: $TLS_KEY}';
const expired = aCertificate(['example.com'], { from: daysFromNow(-9), until: daysFromNow(-2) });

const siteOf = ({ host }: DeclaredApp) => host.machine.state.sites.find(({ app }) => app === 'shop');

/** Gives the host an authority, and the app processes, without which nginx does not serve it. */
const withAuthority = async ({ host, run }: DeclaredApp): Promise<void> => {
  host.machine.state.authority = createAuthority(host.machine.now());
  await run('domains:set shop a.example.com b.example.com');
};

const noCertificate = (app: DeclaredApp): void => {
  expect(siteOf(app)?.certificate).toBeUndefined();
  expect(
    [...app.app().properties].filter(([name, value]) => /^(certs|letsencrypt)\./.test(name) && value !== ''),
  ).toEqual([]);
};

export const tlsRows: readonly SettingRow[] = [
  {
    key: 'tls',
    yml: own,
    query: { env },
    effect: (app) => expect(siteOf(app)?.certificate).toEqual({ cert: certificate, key }),
    removed: noCertificate,
  },
  {
    key: 'tls',
    title: 'from file-type variables, in place of an older certificate',
    yml: own,
    query: {
      env: { TLS_CERT: '/builds/shop.tmp/TLS_CERT', TLS_KEY: '/builds/shop.tmp/TLS_KEY' },
      files: { others: { '/builds/shop.tmp/TLS_CERT': certificate, '/builds/shop.tmp/TLS_KEY': key } },
    },
    prepare: async (app) => {
      await withAuthority(app);
      await app.run('letsencrypt:set shop email ops@example.com');
      await app.run('letsencrypt:enable shop');
    },
    effect: async (app) => {
      expect(siteOf(app)?.certificate?.cert).toBe(certificate);
      expect((await app.run('letsencrypt:active shop')).out).toBe('false\n');
    },
    removed: noCertificate,
  },
  {
    key: 'tls',
    title: 'by letsencrypt',
    yml: 'tls: {letsencrypt: {email: ops@example.com, server: staging}}',
    prepare: withAuthority,
    effect: async (app) => {
      const served = new X509Certificate(siteOf(app)?.certificate?.cert ?? '');
      expect(served.subjectAltName).toBe('DNS:a.example.com, DNS:b.example.com');
      expect((await app.run('letsencrypt:report shop --letsencrypt-server')).out).toBe('staging\n');
    },
    removed: noCertificate,
  },
  {
    key: 'tls',
    title: 'by letsencrypt with the e-mail address of the host',
    yml: 'tls: letsencrypt',
    prepare: async (app) => {
      await withAuthority(app);
      await app.run('letsencrypt:set --global email ops@example.com');
    },
    effect: async (app) => expect((await app.run('letsencrypt:active shop')).out).toBe('true\n'),
    removed: noCertificate,
  },
];

export const tlsBadValues: readonly BadValueRow[] = [
  {
    key: 'tls',
    yml: `domains: [shop.example.org]\n${own}`,
    query: { env },
    message: ['tls.certificate: is for example.com, *.example.com, but not for shop.example.org'],
  },
  {
    key: 'tls',
    yml: own,
    query: { env: { ...env, TLS_KEY: expired.key } },
    message: ['tls.key: does not fit the certificate for example.com'],
  },
  {
    key: 'tls',
    yml: own,
    query: { env: { TLS_CERT: expired.certificate, TLS_KEY: expired.key } },
    message: ['tls.certificate: expired on'],
  },
  {
    key: 'tls',
    yml: own,
    query: { env: { ...env, TLS_CERT: '/builds/shop.tmp/TLS_CERT' } },
    message: ['tls.certificate: is the path of a file that cannot be read: /builds/shop.tmp/TLS_CERT'],
  },
  { key: 'tls', yml: own, message: ['the variable TLS_CERT is not set in this job', 'TLS_KEY'] },
  { key: 'tls', yml: 'tls: yes please', message: ['tls: expected letsencrypt, none, an object'] },
  { key: 'tls', yml: 'tls: {certificate: $TLS_CERT}', message: ['tls.key: is missing'] },
  { key: 'tls', yml: 'tls: {cert: $TLS_CERT}', message: ['tls: expected letsencrypt, none, an object'] },
  {
    key: 'tls',
    yml: 'tls: {letsencrypt: {email: nonsense, server: staging2}}',
    message: ['"nonsense" is not an e-mail address', '"staging2" is not an authority'],
  },
];
