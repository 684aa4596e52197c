import { matchesGlob } from '../context/glob.ts';
import { listApps } from '../dokku/app-settings.ts';
import { buildSshLine } from '../dokku/command.ts';
import { readAppList } from '../dokku/reports.ts';
import type { AppGrant, Grants } from './grants.ts';
import type { AskHost } from './ownership.ts';
import { HostAwayError } from './upstream.ts';

/** Decides whether an app may have domains, which depends on those of all other apps. */
export interface DomainGuard {
  /**
   * Returns why an app may not have them; undefined if it may. Until `end` is called, no other app gets one of them. Throws
   * `HostAwayError` without an answer, and what `ask` throws.
   */
  readonly check: (request: DomainRequest) => Promise<string | undefined>;
  readonly end: (app: string) => void;
}

export interface DomainRequest {
  readonly grant: AppGrant;
  readonly domains: readonly string[];
  readonly grants: Pick<Grants, 'reservedDomains'>;
  readonly ask: AskHost;
}

/** Creates the guard: one for the host, since two apps may want the same domain at the same time. */
export function createDomainGuard(): DomainGuard {
  const claims = new Map<string, readonly string[]>();
  return {
    check: async (request) => {
      const { app } = request.grant;
      const others = [...claims].filter(([other]) => other !== app).flatMap(([, domains]) => domains);
      const claimed = request.domains.find((domain) => others.includes(domain));
      if (claimed !== undefined) return `another app is getting the domain ${claimed}`;
      claims.set(app, request.domains);
      return checkDomains(request);
    },
    end: (app) => void claims.delete(app),
  };
}

async function checkDomains({ grant, domains, grants, ask }: DomainRequest): Promise<string | undefined> {
  const hostDomains = await readHostDomains(ask);
  if (!hostDomains) return 'the domains of the other apps cannot be read at the moment: try again';
  for (const domain of domains) {
    const refusal = checkDomain(domain, { grant, hostDomains, reserved: grants.reservedDomains });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

interface HostDomains {
  /** The domains of each app. */
  readonly apps: ReadonlyMap<string, readonly string[]>;
  /** The host's own domains, below which each app has its default one. */
  readonly global: readonly string[];
}

/** How often the questions are asked: an app may be created or removed in between. */
const attempts = 3;

/** The report has a line for each app, without its name, in the order of the list (facts-2, F35). */
async function readHostDomains(ask: AskHost): Promise<HostDomains | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = readAppList(await askText(ask, buildSshLine(listApps(), new Map())));
    const lines = (await askText(ask, 'domains:report --format json'))
      .split('\n')
      .filter((line) => line !== '');
    const after = readAppList(await askText(ask, buildSshLine(listApps(), new Map())));
    if (before.length !== lines.length || before.join() !== after.join()) continue;
    const reports = lines.flatMap((line) => readReport(line) ?? []);
    if (reports.length !== lines.length) return undefined;
    return {
      apps: new Map(before.map((name, index) => [name, reports[index]?.own ?? []])),
      global: reports[0]?.global ?? [],
    };
  }
  return undefined;
}

async function askText(ask: AskHost, line: string): Promise<string> {
  const answer = await ask(line);
  if (answer.kind === 'not-reached') throw new HostAwayError(answer.reason);
  return answer.kind === 'answered' ? answer.stdout : '';
}

interface DomainReport {
  readonly own: readonly string[];
  readonly global: readonly string[];
}

/** Undefined for anything but JSON, as an older Dokku prints it. */
function readReport(line: string): DomainReport | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  const report = new Map(Object.entries(JSON.parse(line) as object));
  const read = (key: string) =>
    String(report.get(key) ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((one) => one !== '');
  return { own: read('app-vhosts'), global: read('global-vhosts') };
}

interface DomainRules {
  readonly grant: AppGrant;
  readonly hostDomains: HostDomains;
  readonly reserved: ReadonlyMap<string, string>;
}

function checkDomain(domain: string, { grant, hostDomains, reserved }: DomainRules): string | undefined {
  const { app, settings } = grant;
  const { apps, global } = hostDomains;
  const owner = reserved.get(domain);
  if (owner !== undefined && owner !== app) return `the policy reserves the domain ${domain} for another app`;
  const taken = [...apps].find(([other, names]) => other !== app && names.includes(domain));
  if (taken) return `another app has the domain ${domain}`;
  const isDefault = app.includes('.') ? domain === app : global.some((one) => domain === `${app}.${one}`);
  if (isDefault || settings.domains.includes(domain)) return undefined;
  if (!settings.domains.some((pattern) => matchesGlob(pattern, domain)))
    return `the policy does not list ${domain} in domains for ${app}`;
  // A pattern alone takes nothing away from another app’s wildcard, or from an app that is still to come.
  const covering = [...apps].find(
    ([other, names]) => other !== app && names.some((name) => covers(name, domain)),
  );
  if (covering) return `a wildcard of another app has the domain ${domain}`;
  const parent = domain.slice(domain.indexOf('.') + 1);
  return global.includes(parent)
    ? `the domain ${domain} is the default one of the app of that name`
    : undefined;
}

/** nginx’s wildcards stand for one label or more. */
function covers(name: string, domain: string): boolean {
  return name.startsWith('*.') && domain.endsWith(name.slice(1));
}
