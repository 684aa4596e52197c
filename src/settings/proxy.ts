import { z } from 'zod';
import { listPorts, reportDomains } from '../dokku/app-settings.ts';
import { rebuildApp } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { readPorts, setPorts } from '../dokku/ports.ts';
import { reportProxy, setProxyType, switchProxy } from '../dokku/proxy.ts';
import { setDomains } from './domains.ts';
import { readReport, splitWords } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

/** Whether an app is served, and by which program; undefined for the host's. */
interface Proxy {
  readonly isOn: boolean;
  readonly type: string | undefined;
}

/** What an app has: also what Dokku forgets when the proxy is switched on. */
interface AppProxy extends Proxy {
  readonly domains: readonly string[];
  readonly ports: readonly string[];
}

const types = ['nginx', 'caddy', 'haproxy', 'openresty', 'traefik'] as const;

const schema = z
  .union([z.boolean(), z.enum(types)], {
    error: `expected true, false, or one of ${types.join(', ')}`,
  })
  .describe(
    'Whether the app is served through the proxy of the host; the name of a program chooses another one than the host does. false: it is reached only from the host and its other apps. Switching it on or off restarts an app that runs.',
  );

type Entry = z.infer<typeof schema>;

const defaultProxy: Proxy = { isOn: true, type: undefined };

/** `proxy`: whether and by what an app is served. */
export const proxy: Setting<Entry, Proxy, AppProxy> = {
  key: 'proxy',
  schema,
  resolve,
  questions: (app) => [reportProxy(app), reportDomains(app), listPorts(app)],
  read: ([answer, domains, ports], app) => {
    const report = readReport(answer, reportProxy(app));
    return {
      isOn: report.get('enabled') !== 'false',
      type: report.get('type') || undefined,
      domains: splitWords(readReport(domains, reportDomains(app)).get('app-vhosts')),
      ports: ports ? readPorts(ports, app) : [],
    };
  },
  declare: ({ isOn, type }) => (isOn ? types.find((known) => known === type) : false),
  fresh: () => ({ ...defaultProxy, domains: [], ports: [] }),
  changes: (app, current, declared = defaultProxy, known) => [
    ...changeType(app, current, declared),
    ...switchOver(app, { current, declared, known }),
  ],
};

function resolve(entry: Entry, resolver: SettingResolver): Proxy {
  if (entry === false && resolver.declares('domains')) {
    const remedy = 'Remove domains, or proxy: Dokku forgets the domains of an app without a proxy.';
    resolver.problem('', 'is false, and domains are declared for the app', remedy);
  }
  return { isOn: entry !== false, type: typeof entry === 'string' ? entry : undefined };
}

function changeType(app: string, current: Proxy, declared: Proxy): Change[] {
  if (current.type === declared.type) return [];
  return [
    {
      id: 'proxy-type',
      title: `Choose the proxy of ${app}`,
      before: current.type ?? 'default',
      after: declared.type ?? 'default',
      commands: [setProxyType(app, declared.type)],
      phase: 'before-deploy',
      effect: 'next-deploy',
      repeat: 'the same value is stored again',
    },
  ];
}

interface SwitchInput {
  readonly current: AppProxy;
  readonly declared: Proxy;
  readonly known: Pick<Known, 'isDeployed' | 'isDeclared'>;
}

/** Dokku restarts an app that runs: after the deploy, so that it does not start an image that failed (facts-2, F4). */
function switchOver(app: string, { current, declared, known }: SwitchInput): Change[] {
  if (current.isOn === declared.isOn) return [];
  return [
    {
      id: 'proxy',
      title: declared.isOn ? `Serve ${app} through the proxy` : `Stop serving ${app} through the proxy`,
      before: current.isOn ? 'on' : 'off',
      after: declared.isOn ? 'on' : 'off',
      commands: [
        switchProxy(app, declared.isOn),
        ...(declared.isOn ? restoreForgotten(app, current, known) : []),
      ],
      phase: known.isDeployed ? 'after-deploy' : 'before-deploy',
      effect: 'at-once',
      changesUrls: true,
      resetsPorts: true,
      repeat: 'an app that is so already stays so, and is not restarted',
    },
  ];
}

/**
 * Returns the commands that bring back what the file does not declare, and Dokku forgets when the proxy is switched on: domains,
 * ports, and, until the next build, the port that it has detected in the image.
 */
function restoreForgotten(
  app: string,
  { domains, ports }: Pick<AppProxy, 'domains' | 'ports'>,
  { isDeployed, isDeclared }: SwitchInput['known'],
): Command[] {
  const ofPorts = ports.length > 0 ? [setPorts(app, ports)] : isDeployed ? [rebuildApp(app)] : [];
  return [
    ...(domains.length > 0 && !isDeclared('domains') ? [setDomains(app, domains)] : []),
    ...(isDeclared('ports') ? [] : ofPorts),
  ];
}
