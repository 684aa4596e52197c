import { z } from 'zod';
import { addCertificate, noCertificate, removeCertificate, showCertificate } from '../dokku/certs.ts';
import type { Answer, Command, Value } from '../dokku/command.ts';
import { disableLetsencrypt, reportGlobalLetsencrypt, reportLetsencrypt } from '../dokku/letsencrypt.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { DeployError } from '../errors.ts';
import { checkCertificate, describeCertificate } from './certificate.ts';
import {
  changeLetsencrypt,
  describeAuthority,
  forgetLetsencrypt,
  type Letsencrypt,
  resolveLetsencrypt,
} from './letsencrypt.ts';
import { readPem } from './pem.ts';
import { readReport } from './report.ts';
import type { Change, Guard, Setting, SettingResolver } from './setting.ts';

/** A certificate of the project's own. */
interface OwnCertificate {
  readonly kind: 'certificate';
  /** The chain as PEM. */
  readonly certificate: string;
  readonly key: Value;
}

type Tls = { readonly kind: 'none' } | OwnCertificate | Letsencrypt;

/** What an app has. */
interface AppTls {
  /** Its chain as PEM; undefined if it has no certificate. */
  readonly certificate: string | undefined;
  /** Whether the letsencrypt plugin got it, and renews it. */
  readonly isIssued: boolean;
  /** The app's own settings of that plugin; empty for those of the host. */
  readonly email: string;
  readonly server: string;
}

const text = z.string().trim().min(1);

const letsencryptSchema = z.strictObject({
  email: text.optional().describe('The address that the authority writes to. Default: that of the host.'),
  server: text
    .optional()
    .describe(
      'default, staging (for trying it out: browsers do not trust it), or the https URL of another authority. Default: that of the host.',
    ),
  optional: z
    .literal(true)
    .optional()
    .describe('For review apps: true leaves it out on a host without the letsencrypt plugin.'),
});

const certificateSchema = z.strictObject({
  certificate: text.describe('The certificate and its chain (PEM), as a $VARIABLE or a file-type variable.'),
  key: text.describe('Its private key (PEM), as a $VARIABLE or a file-type variable.'),
});

const schema = z
  .union(
    [
      z.enum(['letsencrypt', 'none']),
      z.strictObject({
        letsencrypt: letsencryptSchema.describe('Settings of the letsencrypt plugin for this app.'),
      }),
      certificateSchema,
    ],
    {
      error:
        'expected letsencrypt, none, an object with certificate and key, or one with letsencrypt: {email, server}',
    },
  )
  .describe(
    'HTTPS. letsencrypt: a certificate that the letsencrypt plugin of the host gets and renews. certificate and key: your own, also a wildcard certificate for all review apps; it is checked before it is sent. none: no HTTPS.',
  );

type Entry = z.infer<typeof schema>;

/** `tls`: the certificate that nginx serves an app with. */
export const tls: Setting<Entry, Tls, AppTls> = {
  key: 'tls',
  schema,
  // A certificate and letsencrypt exclude each other; settings of letsencrypt add up.
  merge: (wide, narrow) =>
    isLetsencrypt(wide) && isLetsencrypt(narrow)
      ? { letsencrypt: { ...wide.letsencrypt, ...narrow.letsencrypt } }
      : narrow === 'letsencrypt' && isLetsencrypt(wide)
        ? wide
        : narrow,
  resolve,
  plugin: (declared) =>
    declared.kind === 'letsencrypt'
      ? {
          name: 'letsencrypt',
          url: 'https://github.com/dokku/dokku-letsencrypt.git',
          isOptional: declared.isOptional,
        }
      : undefined,
  questions: (app) => [showCertificate(app), reportLetsencrypt(app)],
  read,
  declare,
  fresh: () => ({ certificate: undefined, isIssued: false, email: '', server: '' }),
  changes,
  guard: (_, declared) =>
    declared?.kind === 'letsencrypt' && declared.email === undefined ? emailGuard : undefined,
};

function isLetsencrypt(entry: Entry): entry is Extract<Entry, { readonly letsencrypt: unknown }> {
  return typeof entry === 'object' && 'letsencrypt' in entry;
}

function resolve(entry: Entry, resolver: SettingResolver): Tls | undefined {
  if (entry === 'none') return { kind: 'none' };
  if (entry === 'letsencrypt') return resolveLetsencrypt({}, resolver);
  if ('letsencrypt' in entry) return resolveLetsencrypt(entry.letsencrypt, resolver);
  return resolveCertificate(entry, resolver);
}

function resolveCertificate(
  entry: z.infer<typeof certificateSchema>,
  resolver: SettingResolver,
): OwnCertificate | undefined {
  const [certificate, key] = (['certificate', 'key'] as const).map((at) => resolver.content(entry[at], at));
  if (certificate === undefined || key === undefined) return undefined;
  const { domains, now } = resolver;
  const checked = checkCertificate({ certificate, key, domains, now });
  for (const { at, message, remedy } of checked.problems) resolver.problem(at, message, remedy);
  for (const warning of checked.warnings) resolver.warn('certificate', warning);
  return { kind: 'certificate', certificate: checked.certificate, key: resolver.hide(checked.key, 'key') };
}

/** The private key stays on the host: the variables get the files that the certificate was made with. */
function declare({ certificate, isIssued, email, server }: AppTls): Entry | undefined {
  if (certificate === undefined) return undefined;
  if (!isIssued) return { certificate: '$TLS_CERTIFICATE', key: '$TLS_KEY' };
  const own = { ...(email === '' ? {} : { email }), ...(server === '' ? {} : { server }) };
  return Object.keys(own).length === 0 ? 'letsencrypt' : { letsencrypt: own };
}

function read([shown, reported]: readonly Answer[], app: string): AppTls {
  const certificate = readCertificate(shown, app);
  // Without the plugin, no certificate is its.
  if (reported?.kind === 'refused' && classifyRefusal(reported) === 'unknown-command')
    return { certificate, isIssued: false, email: '', server: '' };
  const report = readReport(reported, reportLetsencrypt(app));
  const isIssued = report.get('active') === 'true';
  return { certificate, isIssued, email: report.get('email') ?? '', server: report.get('server') ?? '' };
}

function readCertificate(answer: Answer | undefined, app: string): string | undefined {
  if (answer?.kind === 'answered') return answer.stdout;
  if (answer && !noCertificate.test(answer.stderr)) throw refusedError(showCertificate(app), answer);
  return undefined;
}

function changes(app: string, current: AppTls, declared: Tls = { kind: 'none' }): Change[] {
  if (declared.kind === 'letsencrypt') return changeLetsencrypt(app, current, declared);
  const common = { phase: 'after-deploy', effect: 'at-once', changesUrls: true } as const;
  const before = describeCurrent(current);
  const forgotten = forgetLetsencrypt(app, current);
  if (declared.kind === 'none') {
    const commands = [...removal(app, current), ...forgotten];
    if (commands.length === 0) return [];
    return [
      {
        id: 'tls',
        title: `Remove the certificate of ${app}`,
        before,
        after: 'none',
        commands,
        ...common,
        repeat: 'it is only removed from an app that has one',
      },
    ];
  }
  const { certificate, key } = declared;
  if (!current.isIssued && forgotten.length === 0 && isSameChain(current.certificate, certificate)) return [];
  return [
    {
      id: 'tls',
      title: `Set the certificate of ${app}`,
      before,
      after: describeCertificate(certificate),
      // Otherwise the plugin would renew its own, and replace this one.
      commands: [
        ...(current.isIssued ? [disableLetsencrypt(app)] : []),
        ...forgotten,
        addCertificate(app, certificate, key),
      ],
      ...common,
      // The key of the former one is not known here. Without a certificate, all apps of the host keep working.
      undo: [removeCertificate(app)],
      repeat: 'the same certificate is written again',
    },
  ];
}

function removal(app: string, { certificate, isIssued }: AppTls): Command[] {
  if (isIssued) return [disableLetsencrypt(app)];
  return certificate === undefined ? [] : [removeCertificate(app)];
}

/** Describes what an app has, for people. */
function describeCurrent({ certificate, isIssued, ...plugin }: AppTls): string {
  const own = certificate === undefined ? 'none' : describeCertificate(certificate);
  const isUsed = isIssued || plugin.email !== '' || plugin.server !== '';
  return isUsed ? `${describeAuthority(plugin)}: ${own}` : own;
}

function isSameChain(one: string | undefined, other: string): boolean {
  const [mine, yours] = [one ?? '', other].map((text) => readPem(text).map((block) => block.text));
  return mine?.join('') === yours?.join('');
}

const emailGuard: Guard = {
  commands: [reportGlobalLetsencrypt],
  check: ([answer]) => {
    const report = readReport(answer, reportGlobalLetsencrypt);
    if (report.get('global-email')) return;
    throw new DeployError('configuration', {
      message: 'tls: letsencrypt needs an e-mail address, and the host has none for all apps.',
      remedy:
        'Add it to .dokku-deploy.yml (tls: {letsencrypt: {email: ops@example.com}}), or once on the host: dokku letsencrypt:set --global email ops@example.com',
    });
  },
};
