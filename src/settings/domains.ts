import { z } from 'zod';
import { defaultDomains, listApps, reportDomains } from '../dokku/app-settings.ts';
import type { Answer, Command } from '../dokku/command.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { readAppList } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { readDomain } from './domain-names.ts';
import { readReport, splitWords } from './report.ts';
import type { Change, Guard, Setting, SettingResolver } from './setting.ts';

/** What an app has: its domains in lower case, and those that Dokku gives to a new app. */
interface AppDomains {
  /** Undefined if it is not known, for an app that does not exist yet. */
  readonly domains: readonly string[] | undefined;
  readonly defaults: readonly string[];
  /** False after `domains:disable`, and on a host without a global domain: the next write then brings the defaults back first. */
  readonly isEnabled: boolean;
}

const schema = z
  .array(z.string({ error: 'expected a list of domains' }).trim().min(1))
  .describe(
    'The domains of the app, exactly these; [] for none. Can use the job’s $VARIABLES, $APP, $REF_SLUG and $MR. A review app’s domains must contain the branch: $APP.review.example.com. Default: the app’s name below the host’s global domain.',
  );

/** `domains`: the names under which nginx serves an app. */
export const domains: Setting<string[], readonly string[], AppDomains> = {
  key: 'domains',
  schema,
  resolve,
  questions: (app) => [reportDomains(app)],
  read: (answers, app) => {
    const report = readReport(answers[0], reportDomains(app));
    return {
      domains: normalize(splitWords(report.get('app-vhosts'))),
      defaults: defaultDomains(app, splitWords(report.get('global-vhosts'))),
      isEnabled: report.get('app-enabled') !== 'false',
    };
  },
  declare: ({ domains: current = [], defaults, isEnabled }) => {
    // Without a proxy, an app has none.
    const isDefault = isSameSet(current, defaults) || (current.length === 0 && !isEnabled);
    return isDefault ? undefined : [...current];
  },
  fresh: () => ({ domains: undefined, defaults: [], isEnabled: true }),
  changes,
  guard: (app, declared) =>
    declared && { commands: [listApps(), reportAllDomains], check: createCheck(app, declared) },
};

function resolve(entry: readonly string[], resolver: SettingResolver): readonly string[] | undefined {
  const found = entry.map((raw, index) => resolveDomain(raw, String(index), resolver));
  return normalize(found.filter((domain) => domain !== undefined));
}

function resolveDomain(raw: string, at: string, resolver: SettingResolver): string | undefined {
  const text = resolver.text(raw, at);
  // A variable that is missing is a problem already.
  if (text.includes('$')) return undefined;
  const domain = readDomain(text);
  if (typeof domain !== 'string') {
    resolver.problem(at, `${JSON.stringify(text)} ${domain.message}`, domain.remedy);
    return undefined;
  }
  if (resolver.target === 'review' && !resolver.isOfBranch(raw, domain)) {
    resolver.problem(
      at,
      `${JSON.stringify(domain)} is the same for all branches, and each review app needs its own`,
      'Put the app’s name into it ($APP.review.example.com), or declare the domains of environments under environments.',
    );
  }
  return domain;
}

/** Dokku keeps case, order and repetitions, none of which mean anything to nginx. */
function normalize(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function changes(app: string, current: AppDomains, declared: readonly string[] | undefined): Change[] {
  const wanted = declared ?? current.defaults;
  if (current.domains !== undefined && isSameSet(current.domains, wanted)) return [];
  const write = declared === undefined ? resetDomains(app) : setDomains(app, declared);
  return [
    {
      id: 'domains',
      title: declared === undefined ? `Reset the domains of ${app}` : `Set the domains of ${app}`,
      before: current.domains === undefined ? 'default' : describe(current.domains),
      after: declared === undefined ? 'default' : describe(declared),
      // The first write of an app without domains (`domains:disable`) ends with the default ones.
      commands: current.isEnabled || declared === undefined ? [write] : [write, write],
      phase: 'after-deploy',
      effect: 'at-once',
      undo: [current.domains === undefined ? resetDomains(app) : setDomains(app, current.domains)],
      changesUrls: true,
      ...(current.isEnabled ? {} : { resetsPorts: true }),
      repeat: 'the whole list is written again',
    },
  ];
}

/** Returns the change that writes the domains after one that made Dokku forget them, in the same phase. */
export function domainsAgain(app: string, declared: readonly string[], phase: Change['phase']): Change {
  return {
    id: 'domains-again',
    title: `Set the domains of ${app} again`,
    before: 'default',
    after: describe(declared),
    commands: [setDomains(app, declared)],
    phase,
    effect: 'at-once',
    undo: [resetDomains(app)],
    changesUrls: true,
    isAgain: true,
    repeat: 'the whole list is written again',
  };
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

function describe(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

/** Returns the command that gives an app exactly these domains. */
export function setDomains(app: string, names: readonly string[]): Command {
  return { words: names.length === 0 ? ['domains:clear', app] : ['domains:set', app, ...names] };
}

function resetDomains(app: string): Command {
  return { words: ['domains:reset', app] };
}

/** Prints one line of JSON for each app, without its name, in the order of `apps:list` (facts-2, F35). */
const reportAllDomains: Command = { words: ['domains:report', '--format', 'json'] };

/** Dokku accepts a domain that another app has; nginx then serves one of them. */
function createCheck(app: string, declared: readonly string[]): Guard['check'] {
  return ([list, report]) => {
    const names = readAppList(answerOf(list, listApps()));
    const lines = answerOf(report, reportAllDomains)
      .split('\n')
      .filter((line) => line.trim() !== '');
    // An app that was created or removed in between: which line is whose is not known.
    if (names.length !== lines.length) return;
    for (const [index, line] of lines.entries()) {
      const other = names[index];
      if (other === undefined || other === app) continue;
      const own = readReport({ kind: 'answered', stdout: line, stderr: '' }, reportAllDomains);
      const taken = normalize(splitWords(own.get('app-vhosts'))).find((name) => declared.includes(name));
      if (taken !== undefined) throw takenError(app, other, taken);
    }
  };
}

function answerOf(answer: Answer | undefined, command: Command): string {
  if (answer?.kind === 'answered') return answer.stdout;
  throw answer ? refusedError(command, answer) : new Error('a question of a setting was not asked');
}

function takenError(app: string, other: string, domain: string): DeployError {
  return new DeployError('domain-taken', {
    message: `The app ${other} has the domain ${domain}, which is declared for ${app}: nginx would serve only one of them.`,
    remedy: `Remove it from domains in .dokku-deploy.yml, or from the other app: dokku domains:remove ${other} ${domain}`,
  });
}
