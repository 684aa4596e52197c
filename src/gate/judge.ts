import { deriveServiceName } from '../context/name-rules.ts';
import type { AppGrant, Grants } from './grants.ts';
import { type Match, matchRule } from './match.ts';
import type { Effect, Input, Rule } from './rule.ts';
import { checkSetting } from './setting-grants.ts';
import { joinWords, splitLine } from './split.ts';
import { hideSecrets, isAppImage, type ValueName } from './values.ts';
import { vocabulary } from './vocabulary.ts';

/** A command that a job may run. */
export interface AllowedCommand {
  readonly kind: 'allowed';
  /** The line for the host, built from the words that were judged. */
  readonly line: string;
  readonly effect: Effect;
  readonly input: Input;
  /** What of the answer the job gets; undefined for all of it. */
  readonly shows: Rule['shows'];
  /** The domains that the app is to have: whether they are free is known on the host. */
  readonly domains: readonly string[];
  /** The app that it is about; undefined for the list of apps. */
  readonly grant: AppGrant | undefined;
  /** Its words for the audit, with secrets by name. */
  readonly audited: readonly string[];
}

/** A command that is not passed on. */
export interface RefusedCommand {
  readonly kind: 'refused';
  readonly reason: string;
  /** The command's name for the audit, without its values. */
  readonly audited: readonly string[];
}

export type Verdict = AllowedCommand | RefusedCommand;

/** Decides about the command line of a session: pure, so that all that is decided before the host is asked can be tested here. */
export function judge(grants: Grants, line: string): Verdict {
  const split = splitLine(toUniformLine(line));
  if ('refused' in split) return refuse(split.refused, []);
  const { words } = split;
  const name = words.find((word) => !word.startsWith('--')) ?? '';
  const verdicts = vocabulary.flatMap((rule) => {
    const match = matchRule(rule, words, grants.plugins);
    return match ? [judgeMatch(grants, match, name)] : [];
  });
  // Some commands have two rules, of which the second one allows more.
  return (
    verdicts.find(({ kind }) => kind === 'allowed') ?? verdicts[0] ?? refuse(describeUnknown(name), [name])
  );
}

function judgeMatch(grants: Grants, match: Match, name: string): Verdict {
  const subject = findSubject(grants, match);
  if ('refused' in subject) return refuse(subject.refused, [name]);
  const refused = checkEffect(subject.grant, match) ?? checkValues(grants, subject.grant, match);
  if (refused !== undefined) return refuse(refused, [name]);
  const built = buildLine(match.words.map(({ word }) => word));
  if (built === undefined) return refuse('the command would not reach the host unchanged', [name]);
  const { effect, input = 'none', shows } = match.rule;
  const audited = match.words.map(({ word, value }) => (value ? hideSecrets(value, word) : word));
  const domains = match.rule.words.startsWith('domains:set ') ? wordsOf(match, 'DOMAIN') : [];
  return { kind: 'allowed', line: built, effect, input, shows, domains, grant: subject.grant, audited };
}

/** Git writes `git-receive-pack 'app'`, the only quotes that Dokku expects in a line that it splits at spaces. */
const gitLine = /^(git-(?:receive|upload)-pack) '([^'\s]+)'$/;

function toUniformLine(line: string): string {
  return gitLine.test(line) ? line.replace(gitLine, '$1 $2') : line;
}

function buildLine(words: readonly string[]): string | undefined {
  const [first = '', app = ''] = words;
  const line = joinWords(words);
  return /^git-(receive|upload)-pack$/.test(first) && line !== undefined ? `${first} '${app}'` : line;
}

function refuse(reason: string, audited: readonly string[]): RefusedCommand {
  return { kind: 'refused', reason, audited: audited.map((word) => word.slice(0, 60)) };
}

function describeUnknown(name: string): string {
  const known = vocabulary.some(({ words }) => words.split(' ').includes(name));
  return known
    ? `${name} is allowed only with the arguments that dokku-deploy gives to it`
    : `${/^[a-z0-9:_-]{1,60}$/.test(name) ? name : 'the command'} is not a command of dokku-deploy`;
}

type Subject = { readonly grant: AppGrant | undefined } | { readonly refused: string };

/** Finds what the command is about among the apps of the job. */
function findSubject({ apps, refusals }: Grants, match: Match): Subject {
  const app = wordOf(match, 'APP') ?? wordOf(match, 'CONTAINER')?.split('.')[0];
  const service = wordOf(match, 'SERVICE');
  const why = refusals.length > 0 ? ` (${refusals.join('; ')})` : '';
  if (app !== undefined) {
    const grant = apps.get(app);
    if (!grant) return { refused: `the app ${app} is not one of this job${why}` };
    if (service !== undefined && !ownsService(grant, match, service))
      return { refused: `the service ${match.plugin}:${service} is not one of the app ${app}` };
    return { grant };
  }
  if (service === undefined)
    return match.rule.settings ? findHostSetting(apps, match, why) : { grant: undefined };
  const grant = [...apps.values()].find((one) => ownsService(one, match, service));
  return grant
    ? { grant }
    : { refused: `the service ${match.plugin}:${service} is not one of this job${why}` };
}

/** A command about the whole host passes for an app to which the policy grants the setting. */
function findHostSetting(apps: Grants['apps'], match: Match, why: string): Subject {
  const own = [...apps.values()].filter(({ kind }) => kind !== 'source');
  const reasons = own.map((grant) => checkSetting(grant.app, grant.settings, match));
  const grant = own[reasons.indexOf(undefined)];
  return grant ? { grant } : { refused: reasons[0] ?? `it is not for this job${why}` };
}

function wordOf({ words }: Match, name: ValueName): string | undefined {
  return words.find(({ value }) => value === name)?.word;
}

function wordsOf({ words }: Match, name: ValueName): string[] {
  return words.filter(({ value }) => value === name).map(({ word }) => word);
}

/** Whether a service has one of the names that dokku-deploy gives to the services of an app. */
function ownsService(grant: AppGrant, { plugin = '' }: Match, name: string): boolean {
  const { app, kind, services, foreignServices } = grant;
  if (kind === 'source') return false;
  if (services.has(`${plugin}:${name}`)) return true;
  const numbered = [2, 3, 4, 5, 6, 7, 8, 9].map((number) => `${plugin}-${number}`);
  const defaults = ['database', plugin, ...numbered].map((suffix) => deriveServiceName(app, suffix, plugin));
  return defaults.includes(name) && !foreignServices.has(`${plugin}:${name}`);
}

function checkEffect(grant: AppGrant | undefined, { rule, words }: Match): string | undefined {
  if (!grant) return undefined;
  const { app, kind, runsScripts } = grant;
  if (rule.effect === 'remove' && kind !== 'review')
    return `${words[0]?.word} is allowed for review apps only`;
  if (rule.effect === 'fetch' && kind !== 'source')
    return 'git-upload-pack is allowed only for an app to promote from (`from` of the environment)';
  if (rule.effect === 'run' && !runsScripts)
    return `${words[0]?.word} is allowed only for a review app, with inside: [review] in the policy`;
  if (kind !== 'source' || sourceRules.has(rule.words)) return undefined;
  return `the app ${app} can only be promoted from`;
}

/** What promote asks about the app that it takes the code from. */
const sourceRules = new Set([
  'apps:report APP',
  'builds:list APP --status running --format json',
  'config:export --format json APP',
  'git-upload-pack APP',
]);

function checkValues(
  { apps, appsFolder }: Grants,
  grant: AppGrant | undefined,
  match: Match,
): string | undefined {
  const image = wordOf(match, 'IMAGE');
  const folder = wordOf(match, 'FOLDER');
  if (image !== undefined && isAppImage(image)) return 'images of the host’s own apps cannot be deployed';
  if (match.rule.words.startsWith('git:load-image ') && !grant?.loadsImages)
    return 'git:load-image is allowed only with load_images: true in the policy';
  const setting = grant && checkSetting(grant.app, grant.settings, match);
  if (setting !== undefined) return setting;
  if (folder === undefined) return undefined;
  const isOwn = [...apps.keys()].some((app) => folder === `${appsFolder}/${app}`);
  return isOwn ? undefined : 'git:sync is allowed only from a repository of the job’s own apps';
}
