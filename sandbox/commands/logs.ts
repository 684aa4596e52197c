import { setTimeout as sleep } from 'node:timers/promises';
import { fail, findApp, unknownFlag } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { isDeployed } from '../host/is-deployed.ts';
import type { Container, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const usage = [
  '  -h, --help        print help for the command',
  '  -n, --num int     the number of lines to display (default 100)',
  '  -p, --ps string   only display logs from the given process',
  '  -q, --quiet       display raw logs without colors, time and names',
  '  -t, --tail        continually stream logs',
];

/** The commands of Dokku's logs plugin that aren't `report` or `set`. */
export const logs: Plugin = {
  logs: withApp(print, {
    switches: ['-t', '--tail', '-q', '--quiet'],
    valued: ['-n', '--num', '-p', '--ps'],
    refuse: (call, flag) => unknownFlag(call, flag, usage),
  }),
  'logs:failed': failed,
};

const colours = [36, 33, 32, 35, 31];

/** Prints the last lines of each process of an app, one process after the other. */
async function print(request: AppRequest): Promise<number> {
  const { call, app, flags } = request;
  if (!isDeployed(app)) return fail(call, `App ${app.name} has not been deployed`);
  const count = flags.get('-n') ?? flags.get('--num') ?? '100';
  if (!/^[+-]?\d+$/.test(count)) {
    for (const line of ['Usage of logs:', ...usage]) call.err(`${line}\n`);
    const why = `strconv.ParseInt: parsing "${count}": invalid syntax`;
    call.err(`invalid argument "${count}" for "-n, --num" flag: ${why}\n`);
    return 2;
  }
  const type = flags.get('-p') ?? flags.get('--ps');
  const shown = app.containers
    .filter((container) => type === undefined || container.type === type)
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  // Docker takes a negative number for all lines.
  const printed = shown.map(({ log }) => (Number(count) < 0 ? 0 : Math.max(0, log.length - Number(count))));
  printNew(request, shown, printed);
  if (flags.has('-t') || flags.has('--tail')) await follow(request, shown, printed);
  return 0;
}

function nameOf({ type, index }: Container): string {
  return `${type}.${index}`;
}

/** Prints the lines of each container after the number of those that were printed, which it updates. */
function printNew({ call, host, flags }: AppRequest, shown: readonly Container[], printed: number[]): void {
  const plain = call.quiet || flags.has('-q') || flags.has('--quiet');
  const at = new Date(host.now()).toISOString();
  for (const [place, container] of shown.entries()) {
    const colour = colours[place % colours.length];
    const start = plain ? '' : `\u001b[${colour}m${at} app[${nameOf(container)}]:\u001b[0m `;
    for (const line of container.log.slice(printed[place])) call.out(`${start}${line}\n`);
    printed[place] = container.log.length;
  }
}

/** Prints new lines until the containers are gone, as after the next deploy, or the client is. */
async function follow(request: AppRequest, shown: readonly Container[], printed: number[]): Promise<void> {
  while (!request.call.isClosed() && shown.some((container) => !container.hasEnded())) {
    await sleep(50);
    printNew(request, shown, printed);
  }
}

function failed(call: Call, host: SandboxHost): number {
  const names = call.words.includes('--all') ? [...host.state.apps.keys()].sort() : [call.words[0]];
  for (const name of names) {
    const app = findApp(call, host, name);
    if (typeof app === 'number') return app;
    if (!call.quiet) call.out(`=====> ${app.name} failed deploy logs\n`);
    call.err(' !     No failed containers found\n');
  }
  return 0;
}
