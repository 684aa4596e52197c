import { fail, findApp, printChange } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, type TargetRequest, withApp, withTarget } from '../host/with-app.ts';
import { readCertificate } from '../nginx/certificate.ts';
import { dropCertificate, storeCertificate } from './certs.ts';
import { createShellReportHandler } from './shell-report.ts';

const keys = ['dns-provider', 'email', 'graceperiod', 'lego-args', 'lego-docker-options', 'server'];

/** The exit code of a client that reaches no certificate authority (EX_UNAVAILABLE). */
const unavailable = 69;

/**
 * The letsencrypt plugin. Unless the sandbox was started with a certificate authority, requests for a certificate fail as they
 * do on a host without a network.
 */
export const letsencrypt: Plugin = {
  'letsencrypt:active': withApp(({ call, app }) => printLine(call, String(isActive(app)))),
  'letsencrypt:auto-renew': autoRenew,
  'letsencrypt:cleanup': withApp(({ call }) =>
    fail(call, "Cannot resolve the 'current' certificate directory!"),
  ),
  'letsencrypt:cron-job': cronJob,
  'letsencrypt:disable': withApp(disable),
  'letsencrypt:enable': enable,
  'letsencrypt:list': (call) =>
    call.quiet
      ? 0
      : printLine(
          call,
          '-----> App name           Certificate Expiry        Time before expiry        Time before renewal      ',
        ),
  'letsencrypt:report': createShellReportHandler({
    plugin: 'letsencrypt',
    hasJson: true,
    rows: (app, host) => [
      ['active', String(isActive(app))],
      ['autorenew', ownProperty(host.state.global, 'letsencrypt', 'cron-job') || 'false'],
      ...keys.flatMap((key) => [
        ...(key === 'graceperiod' ? ([['expiration', expirationOf(app)]] as const) : []),
        [`computed-${key}`, computedValue(app, host, key)] as const,
        [`global-${key}`, ownProperty(host.state.global, 'letsencrypt', key)] as const,
        [key, ownProperty(app, 'letsencrypt', key)] as const,
      ]),
    ],
  }),
  'letsencrypt:revoke': withApp(revoke),
  'letsencrypt:set': withTarget(set),
};

/** Whether the app's certificate is the one that the plugin got for it. */
function isActive(app: App): boolean {
  const issued = ownProperty(app, 'letsencrypt', 'certificate');
  return issued !== '' && issued === ownProperty(app, 'certs', 'crt');
}

function printLine(call: Call, line: string): number {
  call.out(`${line}\n`);
  return 0;
}

function autoRenew(call: Call, host: SandboxHost): number | Promise<number> {
  if (call.words.length > 0) {
    return withApp(({ app }) => printLine(call, `-----> Letsencrypt not enabled for ${app.name}`))(
      call,
      host,
    );
  }
  printLine(call, '=====> Auto-renewing all apps...');
  return printLine(call, '=====> Finished auto-renewal');
}

function cronJob(call: Call, { state }: SandboxHost): number {
  const [flag = ''] = call.words;
  const isEnabled = ownProperty(state.global, 'letsencrypt', 'cron-job') === 'true';
  if (flag === '') {
    if (!call.quiet) call.out(`=====> Auto-renew cron job is ${isEnabled ? '' : 'not '}enabled\n`);
    const [other, verb] = isEnabled ? ['--remove', 'disable'] : ['--add', 'enable'];
    return printLine(call, `       Run 'dokku letsencrypt:cron-job ${other}' to ${verb}.`);
  }
  if (flag !== '--add' && flag !== '--remove')
    return fail(call, `Invalid flag '${flag}', specify --add, --remove, or no flag to display status.`);
  // The crontab exists from the first time on.
  if (flag === '--add' && ownProperty(state.global, 'letsencrypt', 'crontab') === '')
    call.err('no crontab for dokku\n');
  setProperty(state.global, 'letsencrypt', 'crontab', 'true');
  setProperty(state.global, 'letsencrypt', 'cron-job', flag === '--add' ? 'true' : '');
  const [done, place] = flag === '--add' ? ['Added', 'to'] : ['Removed', 'from'];
  return printLine(call, `-----> ${done} cron job ${place} dokku's crontab.`);
}

/** Removes the app's certificate even if it is not one of Let's Encrypt, as the plugin does. */
function disable({ call, host, app }: AppRequest): number {
  printLine(call, '-----> Disabling letsencrypt for app');
  printLine(call, `       Removing letsencrypt files for ${app.name}`);
  printLine(call, `       Removing SSL endpoint from ${app.name}`);
  for (const key of ['certificate', 'request']) setProperty(app, 'letsencrypt', key, '');
  dropCertificate(app);
  const exit = host.rebuildProxy(call, app.name);
  return exit === 0 ? printLine(call, '-----> Done') : exit;
}

function enable(call: Call, host: SandboxHost): number {
  const [name] = call.words.filter((word) => word !== '--force' && word !== '-f');
  if (name !== '--all') return enableApp(call, host, name);
  for (const one of [...host.state.apps.keys()].sort()) {
    const exit = enableApp(call, host, one);
    if (exit !== 0) return exit;
  }
  return 0;
}

function enableApp(call: Call, host: SandboxHost, name: string | undefined): number {
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (app.domains.length === 0) return fail(call, `No domains detected for ${app.name}`);
  printLine(call, `=====> Enabling letsencrypt for ${app.name}`);
  const refused = checkEmail(call, host, app);
  if (refused !== 0) return refused;
  const request = describeRequest(app, host);
  if (!call.words.some((word) => word === '--force' || word === '-f') && isStillValid(app, host, request)) {
    printLine(call, `-----> Certificate is still valid for ${app.name}, skipping certificate request`);
    return printLine(call, '-----> Pass --force to letsencrypt:enable to request a new certificate anyway');
  }
  printLine(call, `-----> Enabling ACME proxy for ${app.name}...`);
  printLine(call, `-----> Getting letsencrypt certificate for ${app.name} via HTTP-01`);
  for (const domain of app.domains) call.err(`        - Domain '${domain}'\n`);
  const exit = getCertificate(call, host, app);
  if (exit === 0) setProperty(app, 'letsencrypt', 'request', request);
  printLine(call, `-----> Disabling ACME proxy for ${app.name}...`);
  if (exit === 0) return printLine(call, '-----> Done');
  fail(call, 'Failed to setup letsencrypt');
  return fail(call, 'Check log output for further information on failure', exit);
}

/** What a certificate was requested with: another request needs another certificate. */
function describeRequest(app: App, host: SandboxHost): string {
  return [computedValue(app, host, 'server'), computedValue(app, host, 'email'), ...app.domains].join(' ');
}

function isStillValid(app: App, host: SandboxHost, request: string): boolean {
  const renewalAt = Number(expirationOf(app)) - Number(computedValue(app, host, 'graceperiod'));
  return (
    isActive(app) && ownProperty(app, 'letsencrypt', 'request') === request && renewalAt * 1_000 > host.now()
  );
}

/** Requests a certificate for the app's domains and installs it. Returns the exit code of the client, or of nginx. */
function getCertificate(call: Call, host: SandboxHost, app: App): number {
  const { authority } = host.state;
  const problem = authority
    ? app.domains.some((domain) => domain.startsWith('*.')) && 'HTTP-01 cannot validate a wildcard domain'
    : 'the sandbox reaches no certificate authority';
  if (!authority || problem !== false) {
    printLine(call, `       ${problem}`);
    printLine(call, '-----> Certificate retrieval failed!');
    return unavailable;
  }
  const issued = authority.issue(app.domains, host.now());
  printLine(call, '-----> Certificate retrieved successfully.');
  printLine(call, "-----> Installing let's encrypt certificates");
  storeCertificate(app, issued);
  setProperty(app, 'letsencrypt', 'certificate', issued.certificate);
  return host.rebuildProxy(call, app.name);
}

function checkEmail(call: Call, host: SandboxHost, app: App): number {
  if (computedValue(app, host, 'email') !== '') return 0;
  return fail(
    call,
    `ERROR: Cannot request a certificate without an e-mail address!
  please provide your e-mail address using
  dokku letsencrypt:set ${app.name} email <e-mail>`,
  );
}

function computedValue(app: App, { state }: SandboxHost, key: string): string {
  const value = ownProperty(app, 'letsencrypt', key) || ownProperty(state.global, 'letsencrypt', key);
  if (key === 'graceperiod') return value || String(30 * 24 * 60 * 60);
  if (key !== 'server') return value;
  if (value === '' || value === 'default') return 'https://acme-v02.api.letsencrypt.org/directory';
  return value === 'staging' ? 'https://acme-staging-v02.api.letsencrypt.org/directory' : value;
}

/** Returns when an app's certificate expires, in seconds since 1970. */
function expirationOf(app: App): string {
  const certificate = readCertificate(ownProperty(app, 'certs', 'crt'));
  return certificate ? String(Math.floor(Date.parse(certificate.validTo) / 1_000)) : '';
}

function revoke({ call, host, app }: AppRequest): number {
  printLine(call, `=====> Revoke letsencrypt certificate from ${app.name}...`);
  const refused = checkEmail(call, host, app);
  if (refused !== 0) return refused;
  printLine(call, `-----> Revoking letsencrypt certificate for ${app.name} via HTTP-01`);
  call.err(`        - Domain '${app.domains[0] ?? ''}'\n`);
  printLine(call, '       the sandbox reaches no certificate authority');
  printLine(call, `-----> Certificate revocation failed (code ${unavailable})!`);
  return printLine(call, '-----> Done');
}

function set({ call, app, rest: [key = '', value = ''] }: TargetRequest): number {
  if (key === '') return fail(call, 'No key specified');
  if (!keys.includes(key) && !key.startsWith('dns-provider-')) {
    const valid = 'dns-provider, dns-provider-*, email, graceperiod, server, lego-args, lego-docker-options';
    return fail(call, `Invalid key specified, valid keys include: ${valid}`);
  }
  printChange(call, key, value);
  call.reach('store');
  setProperty(app, 'letsencrypt', key, value);
  return 0;
}
