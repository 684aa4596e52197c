import { unknownFlag } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import type { App } from '../host/state.ts';
import { withApp } from '../host/with-app.ts';

const resources = [
  'cpu',
  'memory',
  'memory-swap',
  'network',
  'network-ingress',
  'network-egress',
  'nvidia-gpu',
];

type Kind = 'limit' | 'reserve';

const nouns: Readonly<Record<Kind, string>> = { limit: 'limits', reserve: 'reservation' };

const report: Report = {
  title: 'resource',
  prefix: 'resource',
  bothKeys: true,
  rows: (app) =>
    [...app.properties]
      .filter(([key]) => key.startsWith('resource.'))
      .map(([key, value]) => [`resource ${key.slice('resource.'.length)}`, value] as const),
};

/** Dokku's resource plugin. */
export const resource: Plugin = {
  'resource:limit': createSetHandler('limit'),
  'resource:limit-clear': createClearHandler('limit'),
  'resource:report': createReportHandler(report),
  'resource:reserve': createSetHandler('reserve'),
  'resource:reserve-clear': createClearHandler('reserve'),
};

function createSetHandler(kind: Kind): Handler {
  const valued = ['--process-type', ...resources.map((resource) => `--${resource}`)];
  return withApp(
    ({ call, app, flags }) => {
      const type = flags.get('--process-type') || '_default_';
      const given = resources.filter((resource) => flags.get(`--${resource}`));
      if (given.length === 0) return printResources(call, app, type, kind);
      const of = type === '_default_' ? '' : ` (${type})`;
      if (!call.quiet) call.out(`=====> Setting resource ${nouns[kind]} for ${app.name}${of}\n`);
      for (const resource of given) {
        const value = flags.get(`--${resource}`) as string;
        call.out(`       ${resource}: ${value === 'clear' ? 'cleared' : value}\n`);
        setProperty(app, 'resource', keyOf(type, kind, resource), value === 'clear' ? '' : value);
      }
      return 0;
    },
    { valued, refuse: (call, flag) => unknownFlag(call, flag, usageOf(valued)) },
  );
}

const units: ReadonlyMap<string, string> = new Map([
  ['cpu', 'The amount of cpu to limit processes by'],
  ['memory', 'The amount of memory to limit processes by'],
  ['memory-swap', 'The amount of swap memory to limit processes by'],
  ['network', 'The amount of network bandwidth to limit processes by'],
  ['network-egress', 'The amount of egress network bandwidth to limit processes by'],
  ['network-ingress', 'The amount of ingress network bandwidth to limit processes by'],
  ['nvidia-gpu', 'The number of Nvidia GPUs to limit a process to'],
  ['process-type', 'A process type to manage'],
]);

/** Returns the lines that pflag prints about the flags of a command. */
function usageOf(flags: readonly string[]): string[] {
  return [...units]
    .filter(([name]) => flags.includes(`--${name}`))
    .map(([name, text]) => `      ${`--${name} string`.padEnd(26)} ${name}: ${text}`);
}

function printResources(call: Call, app: App, type: string, kind: Kind): number {
  const of = type === '_default_' ? '[defaults]' : `(${type})`;
  if (!call.quiet) call.out(`=====> resource ${nouns[kind]} ${app.name} information ${of}\n`);
  for (const resource of resources) {
    call.out(`       ${resource}: ${ownProperty(app, 'resource', keyOf(type, kind, resource))}\n`);
  }
  return 0;
}

function keyOf(type: string, kind: Kind, resource: string): string {
  return `${type}.${kind}.${resource}`;
}

function createClearHandler(kind: Kind): Handler {
  return withApp(
    ({ call, app, flags }) => {
      const type = flags.get('--process-type') ?? '';
      const of = type === '' || type === '_default_' ? '' : ` (${type})`;
      if (!call.quiet) call.out(`=====> clearing ${app.name} ${nouns[kind]}${of}\n`);
      const all = [...app.properties.keys()].filter((key) => key.startsWith('resource.'));
      // Without a process type Dokku drops everything, reservations as well as limits.
      const dropped = type === '' ? all : all.filter((key) => key.startsWith(`resource.${type}.${kind}.`));
      for (const key of dropped) app.properties.delete(key);
      return 0;
    },
    {
      valued: ['--process-type'],
      refuse: (call, flag) => unknownFlag(call, flag, usageOf(['--process-type'])),
    },
  );
}
