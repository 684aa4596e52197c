import type { Given } from '../environment/given.ts';
import { echo, type Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { Channel, NoticeTarget, Warning } from './context.ts';
import { type Settling, settle } from './env-and-services.ts';
import { readAddresses, readMailServer } from './mail-server.ts';
import type { NoticeEntry } from './schema.ts';
import type { Target } from './target.ts';
import { readWebhookUrl } from './webhook-url.ts';

/** What the notices of a run are found by. */
export interface NoticeQuestion {
  readonly target: Target['target'];
  readonly environment: string | undefined;
  readonly variables: Given['variables'];
  /** `notify` of the configuration file; undefined: what the variables say. */
  readonly entries: readonly NoticeEntry[] | undefined;
}

/**
 * Who is to be told of the end of this run. Channels for other environments are not looked at: a variable that only protected branches
 * get need not be there. What is wrong with a channel makes it unusable, and stops no run.
 */
export function settleNotices(
  question: NoticeQuestion,
  settling: Settling,
  warnings: Warning[],
): readonly NoticeTarget[] {
  const listed = question.entries;
  if (!listed && !isFor(undefined, question)) return [];
  const entries = listed ?? fromVariables(question, warnings);
  return entries.flatMap((entry, index) => {
    if (!isFor(entry.environments, question)) return [];
    const place = listed ? `notify.${index}` : undefined;
    const channel = judgedChannel(entry, question, { settling, warnings, entry: place });
    return [{ ...channel, on: entry.on ?? ['success', 'failure'], entry: place }];
  });
}

function isFor(
  environments: readonly string[] | undefined,
  { target, environment }: NoticeQuestion,
): boolean {
  return environments === undefined
    ? target === 'environment'
    : environments.some((glob) => pattern(glob).test(environment ?? ''));
}

function pattern(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

/** What the variables alone ask for; half a mail is said, and is no reason to stop. */
function fromVariables({ variables }: NoticeQuestion, warnings: Warning[]): NoticeEntry[] {
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
interface Judging {
  readonly settling: Settling;
  readonly warnings: Warning[];
  /** `notify.0`, or undefined for a channel that the variables alone make. */
  readonly entry: string | undefined;
}

/** The channel, or why it is none: the first of what is wrong, where others follow from it. */
function judgedChannel(entry: NoticeEntry, question: NoticeQuestion, judging: Judging): Channel {
  const problems: Problem[] = [];
  const settling = { ...judging.settling, problems };
  const channel = channelOf(entry, question, { ...judging, settling });
  const [wrong] = problems;
  if (channel && !wrong) return channel;
  const reason = wrong ? `${wrong.where}: ${wrong.message}. ${wrong.remedy ?? ''}`.trimEnd() : '';
  return { kind: 'unusable', type: entry.type, reason };
}

function channelOf(entry: NoticeEntry, question: NoticeQuestion, judging: Judging): Channel | undefined {
  if (entry.type === 'mail') return mail(entry, question, judging);
  if (entry.type === 'webhook') return webhook(entry, question, judging);
  const url = urlOf(entry, question, judging);
  return url && { kind: 'chat', chat: entry.type, url };
}

function mail(entry: NoticeEntry, question: NoticeQuestion, judging: Judging): Channel | undefined {
  const { settling } = judging;
  warnOfClearText('smtp', entry.smtp, judging);
  const smtp = told({ key: 'smtp', text: entry.smtp, variable: 'SMTP_URL' }, question, judging);
  const list = Array.isArray(entry.to) ? entry.to.join(',') : entry.to;
  const to = told({ key: 'to', text: list, variable: 'NOTIFY_EMAIL' }, question, judging);
  const from = told({ key: 'from', text: entry.from, variable: 'NOTIFY_FROM' }, question, judging);
  if (!smtp) return missing('mail server', 'Set SMTP_URL, or write smtp: $VARIABLE.', judging);
  if (!to) return missing('addresses', 'Set NOTIFY_EMAIL, or write to: team@example.com.', judging);
  const server = readMailServer(smtp.text, smtp.secret);
  if ('problem' in server) settling.problems.push({ where: smtp.where, ...server.problem });
  const addresses = addressesOf(to, judging);
  const [sender] = from ? addressesOf(from, judging) : [];
  if ('problem' in server) return undefined;
  settling.vault.set(`${smtp.secret}#url`, new Secret(smtp.secret, smtp.text));
  if (server.login) settling.vault.set(`${smtp.secret}#password`, server.login.password);
  const login = server.login?.user.includes('@') ? server.login.user : addresses[0];
  return { kind: 'mail', server, from: sender ?? login ?? '', to: addresses };
}

const refersTo = /\$\{?[A-Za-z_]/;

/** Whoever reads the repository could post with it. */
function warnOfClearText(
  key: string,
  text: string | undefined,
  { warnings, settling, entry }: Judging,
): void {
  if (text === undefined || refersTo.test(text)) return;
  const message =
    'it stands there in clear, for everyone who can read the repository: put it in a CI variable, and write $ITS_NAME';
  warnings.push({ about: `${settling.path}: ${entry}.${key}`, message });
}

/** A text and where it was given: in the file, or as a variable. */
interface Told {
  readonly where: string;
  readonly secret: string;
  readonly text: string;
}

/** A key of the file's entry with its variables in it, else the variable that stands for it. */
function told(
  { key, text, variable }: { key: string; text: string | undefined; variable?: keyof Given['variables'] },
  { variables }: NoticeQuestion,
  { settling, entry }: Judging,
): Told | undefined {
  if (text !== undefined) {
    const name = `${entry}.${key}`;
    return { where: `${settling.path}: ${name}`, secret: name, text: settle(text, name, settling) };
  }
  const value = variable && variables[variable];
  return value === undefined ? undefined : { where: variable ?? '', secret: variable ?? '', text: value };
}

function missing(what: string, remedy: string, { settling, entry }: Judging): undefined {
  settling.problems.push({ where: `${settling.path}: ${entry}`, message: `it has no ${what}`, remedy });
}

function addressesOf(given: Told, { settling }: Judging): readonly string[] {
  const { addresses, wrong } = readAddresses(given.text);
  if (wrong !== undefined || addresses.length === 0) {
    settling.problems.push({
      where: given.where,
      message: `${echo(wrong ?? given.text)} is no mail address`,
      remedy: 'Write team@example.com, more of them with commas between; a name before one has no comma.',
    });
  }
  return addresses;
}

function webhook(entry: NoticeEntry, question: NoticeQuestion, judging: Judging): Channel | undefined {
  const url = urlOf(entry, question, judging);
  warnOfClearText('secret', entry.secret, judging);
  const given = told({ key: 'secret', text: entry.secret }, question, judging);
  if (!given || given.text === '') {
    return missing('secret', 'Write secret: $VARIABLE; the receiver checks the signature with it.', judging);
  }
  const key = new Secret(given.secret, given.text);
  judging.settling.vault.set(given.secret, key);
  return url && { kind: 'webhook', url, key };
}

function urlOf(entry: NoticeEntry, question: NoticeQuestion, judging: Judging): Secret | undefined {
  warnOfClearText('url', entry.url, judging);
  const variable = entry.type === 'slack' ? ('SLACK_WEBHOOK_URL' as const) : undefined;
  const given = told({ key: 'url', text: entry.url, ...(variable && { variable }) }, question, judging);
  if (given) return readUrl(given, judging);
  const remedy = variable ? `Set ${variable}, or write url: $VARIABLE.` : 'Write url: $VARIABLE.';
  return missing('url', remedy, judging);
}

function readUrl(given: Told, { settling }: Judging): Secret | undefined {
  const read = readWebhookUrl(given.text, given.secret);
  if (!read) {
    settling.problems.push({
      where: given.where,
      message: 'it is not an http or https URL',
      remedy: 'Paste the whole address of the webhook, beginning with https://.',
    });
    return undefined;
  }
  const secrets = [read.url, ...read.parts];
  for (const [index, secret] of secrets.entries()) settling.vault.set(`${given.secret}#${index}`, secret);
  return read.url;
}
