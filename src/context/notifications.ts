import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { NotificationChannel, NotificationTarget, Warning } from './context.ts';
import { type Resolver, resolveText } from './env-and-services.ts';
import { readAddresses, readMailServer } from './mail-server.ts';
import type { NotificationEntry } from './schema.ts';
import type { Target } from './target.ts';
import { readWebhookUrl } from './webhook-url.ts';

/** What the notices of a run are found by. */
export interface NotificationInput {
  readonly target: Target['target'];
  readonly environment: string | undefined;
  readonly variables: JobInput['variables'];
  /** `notify` of the configuration file; undefined: what the variables say. */
  readonly entries: readonly NotificationEntry[] | undefined;
}

/**
 * Who is to be told of the end of this run. Channels for other environments are not looked at: a variable that only protected branches
 * get need not be there. What is wrong with a channel makes it unusable, and stops no run.
 */
export function resolveNotifications(
  input: NotificationInput,
  resolver: Resolver,
  warnings: Warning[],
): readonly NotificationTarget[] {
  const listed = input.entries;
  if (!listed && !appliesTo(undefined, input)) return [];
  const entries = listed ?? entriesFromVariables(input, warnings);
  return entries.flatMap((entry, index) => {
    if (!appliesTo(entry.environments, input)) return [];
    const place = listed ? `notify.${index}` : undefined;
    const channel = resolveChannelOrReason(entry, input, { resolver, warnings, entry: place });
    return [{ ...channel, on: entry.on ?? ['success', 'failure'], entry: place }];
  });
}

function appliesTo(
  environments: readonly string[] | undefined,
  { target, environment }: NotificationInput,
): boolean {
  return environments === undefined
    ? target === 'environment'
    : environments.some((glob) => globToRegExp(glob).test(environment ?? ''));
}

function globToRegExp(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

/** What the variables alone ask for; half a mail is said, and is no reason to stop. */
function entriesFromVariables({ variables }: NotificationInput, warnings: Warning[]): NotificationEntry[] {
  const { SLACK_WEBHOOK_URL: slack, SMTP_URL: smtp, NOTIFY_EMAIL: to } = variables;
  if (smtp !== undefined && to === undefined) {
    warnings.push({ about: 'SMTP_URL', message: 'NOTIFY_EMAIL is not set, so no mail is sent: to whom?' });
  }
  if (smtp === undefined && to !== undefined) {
    warnings.push({
      about: 'NOTIFY_EMAIL',
      message: 'SMTP_URL is not set, so no mail is sent: through which server?',
    });
  }
  return [
    ...(slack === undefined ? [] : [{ type: 'slack' as const }]),
    ...(smtp === undefined || to === undefined ? [] : [{ type: 'mail' as const }]),
  ];
}

/** Where channels are put together: what is settled, what is to be said, and where the entry at hand stands. */
interface EntryContext {
  readonly resolver: Resolver;
  readonly warnings: Warning[];
  /** `notify.0`, or undefined for a channel that the variables alone make. */
  readonly entry: string | undefined;
}

/** The channel, or why it is none: the first of what is wrong, where others follow from it. */
function resolveChannelOrReason(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): NotificationChannel {
  const problems: Problem[] = [];
  const settling = { ...context.resolver, problems };
  const channel = resolveChannel(entry, input, { ...context, resolver: settling });
  const [wrong] = problems;
  if (channel && !wrong) return channel;
  const reason = wrong ? `${wrong.where}: ${wrong.message}. ${wrong.remedy ?? ''}`.trimEnd() : '';
  return { kind: 'unusable', type: entry.type, reason };
}

function resolveChannel(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): NotificationChannel | undefined {
  if (entry.type === 'mail') return resolveMail(entry, input, context);
  if (entry.type === 'webhook') return resolveWebhook(entry, input, context);
  const url = resolveUrl(entry, input, context);
  return url && { kind: 'chat', chat: entry.type, url };
}

function resolveMail(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): NotificationChannel | undefined {
  const { resolver } = context;
  warnAboutPlainText('smtp', entry.smtp, context);
  const smtp = readSetting({ key: 'smtp', text: entry.smtp, variable: 'SMTP_URL' }, input, context);
  const list = Array.isArray(entry.to) ? entry.to.join(',') : entry.to;
  const to = readSetting({ key: 'to', text: list, variable: 'NOTIFY_EMAIL' }, input, context);
  const from = readSetting({ key: 'from', text: entry.from, variable: 'NOTIFY_FROM' }, input, context);
  if (!smtp) return addMissing('mail server', 'Set SMTP_URL, or write smtp: $VARIABLE.', context);
  if (!to) return addMissing('addresses', 'Set NOTIFY_EMAIL, or write to: team@example.com.', context);
  const server = readMailServer(smtp.text, smtp.secret);
  if ('problem' in server) resolver.problems.push({ where: smtp.where, ...server.problem });
  const addresses = resolveAddresses(to, context);
  const [sender] = from ? resolveAddresses(from, context) : [];
  if ('problem' in server) return undefined;
  resolver.vault.set(`${smtp.secret}#url`, new Secret(smtp.secret, smtp.text));
  if (server.login) resolver.vault.set(`${smtp.secret}#password`, server.login.password);
  const login = server.login?.user.includes('@') ? server.login.user : addresses[0];
  return { kind: 'mail', server, from: sender ?? login ?? '', to: addresses };
}

const variableReference = /\$\{?[A-Za-z_]/;

/** Whoever reads the repository could post with it. */
function warnAboutPlainText(
  key: string,
  text: string | undefined,
  { warnings, resolver, entry }: EntryContext,
): void {
  if (text === undefined || variableReference.test(text)) return;
  const message =
    'it stands there in clear, for everyone who can read the repository: put it in a CI variable, and write $ITS_NAME';
  warnings.push({ about: `${resolver.path}: ${entry}.${key}`, message });
}

/** A text and where it was given: in the file, or as a variable. */
interface NotificationSetting {
  readonly where: string;
  readonly secret: string;
  readonly text: string;
}

/** A key of the file's entry with its variables in it, else the variable that stands for it. */
function readSetting(
  { key, text, variable }: { key: string; text: string | undefined; variable?: keyof JobInput['variables'] },
  { variables }: NotificationInput,
  { resolver, entry }: EntryContext,
): NotificationSetting | undefined {
  if (text !== undefined) {
    const name = `${entry}.${key}`;
    return { where: `${resolver.path}: ${name}`, secret: name, text: resolveText(text, name, resolver) };
  }
  const value = variable && variables[variable];
  return value === undefined ? undefined : { where: variable ?? '', secret: variable ?? '', text: value };
}

function addMissing(what: string, remedy: string, { resolver, entry }: EntryContext): undefined {
  resolver.problems.push({ where: `${resolver.path}: ${entry}`, message: `it has no ${what}`, remedy });
}

function resolveAddresses(given: NotificationSetting, { resolver }: EntryContext): readonly string[] {
  const { addresses, wrong } = readAddresses(given.text);
  if (wrong !== undefined || addresses.length === 0) {
    resolver.problems.push({
      where: given.where,
      message: `${quoteValue(wrong ?? given.text)} is no mail address`,
      remedy: 'Write team@example.com, more of them with commas between; a name before one has no comma.',
    });
  }
  return addresses;
}

function resolveWebhook(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): NotificationChannel | undefined {
  const url = resolveUrl(entry, input, context);
  warnAboutPlainText('secret', entry.secret, context);
  const given = readSetting({ key: 'secret', text: entry.secret }, input, context);
  if (!given || given.text === '') {
    return addMissing(
      'secret',
      'Write secret: $VARIABLE; the receiver checks the signature with it.',
      context,
    );
  }
  const key = new Secret(given.secret, given.text);
  context.resolver.vault.set(given.secret, key);
  return url && { kind: 'webhook', url, key };
}

function resolveUrl(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): Secret | undefined {
  warnAboutPlainText('url', entry.url, context);
  const variable = entry.type === 'slack' ? ('SLACK_WEBHOOK_URL' as const) : undefined;
  const given = readSetting({ key: 'url', text: entry.url, ...(variable && { variable }) }, input, context);
  if (given) return parseUrl(given, context);
  const remedy = variable ? `Set ${variable}, or write url: $VARIABLE.` : 'Write url: $VARIABLE.';
  return addMissing('url', remedy, context);
}

function parseUrl(given: NotificationSetting, { resolver }: EntryContext): Secret | undefined {
  const read = readWebhookUrl(given.text, given.secret);
  if (!read) {
    resolver.problems.push({
      where: given.where,
      message: 'it is not an http or https URL',
      remedy: 'Paste the whole address of the webhook, beginning with https://.',
    });
    return undefined;
  }
  const secrets = [read.url, ...read.parts];
  for (const [index, secret] of secrets.entries()) resolver.vault.set(`${given.secret}#${index}`, secret);
  return read.url;
}
