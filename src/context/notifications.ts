import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import { Secret } from '../secret.ts';
import { chats, urlVariables } from './chats.ts';
import type { Warning } from './context.ts';
import { matchesGlob } from './glob.ts';
import { readAddresses, readMailServer } from './mail-server.ts';
import type { NotificationChannel, NotificationTarget } from './notification-types.ts';
import { type Resolver, resolveText } from './resolver.ts';
import type { NotificationEntry } from './schema.ts';
import type { Target } from './target.ts';
import { readWebhookUrl } from './webhook-url.ts';

/** What decides which notifications a run sends. */
export interface NotificationInput {
  readonly target: Target['target'];
  readonly environment: string | undefined;
  readonly variables: JobInput['variables'];
  /** `notify` of the configuration file; undefined to use the variables. */
  readonly entries: readonly NotificationEntry[] | undefined;
}

/**
 * Returns where to send notifications about the outcome of this run. Channels for other environments are skipped
 * unread: their variables may be protected, and missing in this job. A channel with a problem is unusable; it doesn't
 * stop the run.
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
    : environments.some((pattern) => matchesGlob(pattern, environment ?? ''));
}

/** Makes entries from the variables. Half of the settings for mail is a warning. */
function entriesFromVariables({ variables }: NotificationInput, warnings: Warning[]): NotificationEntry[] {
  const { SMTP_URL: smtp, NOTIFY_EMAIL: to } = variables;
  if (smtp !== undefined && to === undefined) {
    warnings.push({
      about: 'SMTP_URL',
      message: 'no mail is sent, since NOTIFY_EMAIL (the addresses) is not set',
    });
  }
  if (smtp === undefined && to !== undefined) {
    warnings.push({
      about: 'NOTIFY_EMAIL',
      message: 'no mail is sent, since SMTP_URL (the mail server) is not set',
    });
  }
  return [
    ...chats.flatMap((type) => {
      const variable = urlVariables[type];
      return variable && variables[variable] !== undefined ? [{ type }] : [];
    }),
    ...(smtp === undefined || to === undefined ? [] : [{ type: 'mail' as const }]),
  ];
}

/** What a channel is resolved with. */
interface EntryContext {
  readonly resolver: Resolver;
  readonly warnings: Warning[];
  /** Its place in the file (`notify.0`); undefined for a channel from the variables. */
  readonly entry: string | undefined;
}

/** Returns the channel, or an unusable one with the first problem, since the others may follow from it. */
function resolveChannelOrReason(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): NotificationChannel {
  const problems: Problem[] = [];
  const resolver = { ...context.resolver, problems };
  const channel = resolveChannel(entry, input, { ...context, resolver });
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

/** Everyone who can read the repository could use it to post. */
function warnAboutPlainText(
  key: string,
  text: string | undefined,
  { warnings, resolver, entry }: EntryContext,
): void {
  if (text === undefined || variableReference.test(text)) return;
  const message =
    'everyone who can read the repository can read this value: move it to a CI/CD variable and write $ITS_NAME';
  warnings.push({ about: `${resolver.path}: ${entry}.${key}`, message });
}

/** A setting's text, and where it comes from: the file or a variable. */
interface NotificationSetting {
  readonly where: string;
  readonly secret: string;
  readonly text: string;
}

/** Returns a key of the file's entry with its variables expanded, else the default variable. */
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

function resolveAddresses(setting: NotificationSetting, { resolver }: EntryContext): readonly string[] {
  const { addresses, wrong } = readAddresses(setting.text);
  if (wrong !== undefined || addresses.length === 0) {
    resolver.problems.push({
      where: setting.where,
      message: `${quoteValue(wrong ?? setting.text)} is not a mail address`,
      remedy:
        'Write team@example.com; separate several with commas. A name in front of an address must have no comma.',
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
  const setting = readSetting({ key: 'secret', text: entry.secret }, input, context);
  if (!setting || setting.text === '') {
    return addMissing(
      'secret',
      'Write secret: $VARIABLE; the receiver verifies the signature with it.',
      context,
    );
  }
  const key = new Secret(setting.secret, setting.text);
  context.resolver.vault.set(setting.secret, key);
  return url && { kind: 'webhook', url, key };
}

function resolveUrl(
  entry: NotificationEntry,
  input: NotificationInput,
  context: EntryContext,
): Secret | undefined {
  warnAboutPlainText('url', entry.url, context);
  const variable = urlVariables[entry.type];
  const setting = readSetting({ key: 'url', text: entry.url, ...(variable && { variable }) }, input, context);
  if (setting) return parseUrl(setting, context);
  const remedy = variable ? `Set ${variable}, or write url: $VARIABLE.` : 'Write url: $VARIABLE.';
  return addMissing('url', remedy, context);
}

function parseUrl(setting: NotificationSetting, { resolver }: EntryContext): Secret | undefined {
  const read = readWebhookUrl(setting.text, setting.secret);
  if (!read) {
    resolver.problems.push({
      where: setting.where,
      message: 'not an http or https URL',
      remedy: 'Paste the full URL of the webhook, beginning with https://.',
    });
    return undefined;
  }
  const secrets = [read.url, ...read.parts];
  for (const [index, secret] of secrets.entries()) resolver.vault.set(`${setting.secret}#${index}`, secret);
  return read.url;
}
