import { fail, unknownFlag } from '../host/answers.ts';
import { formatColumns } from '../host/columns.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { detectPorts } from '../nginx/port-maps.ts';

const report: Report = {
  title: 'ports',
  prefix: 'ports',
  bothKeys: true,
  rows: (app) => [
    ['Ports map', app.ports.join(' ')],
    ['Ports map detected', detectPorts(app).join(' ')],
    ['Ports map detected json', asJson(detectPorts(app))],
    ['Ports map json', asJson(app.ports)],
  ],
};

/** Dokku's ports plugin. */
export const ports: Plugin = {
  'ports:add': createChangeHandler((app, maps) => [...app.ports, ...maps], 'new '),
  'ports:clear': withApp(clear),
  'ports:list': withApp(list, { refuse: unknownFlag }),
  'ports:remove': createChangeHandler((app, maps) =>
    app.ports.filter((map) => !maps.some((wanted) => matches(map, wanted))),
  ),
  'ports:report': createReportHandler(report),
  'ports:set': createChangeHandler((_, maps) => maps),
};

function asJson(maps: readonly string[]): string {
  return maps.length === 0
    ? 'null'
    : goJson(
        maps.map((map) => {
          const [scheme, host, container] = map.split(':');
          return { container_port: Number(container), host_port: Number(host), scheme };
        }),
      );
}

type Change = (app: App, maps: readonly string[]) => readonly string[];

/** Returns a handler that changes an app's port mappings. `which` names the mappings in the error for a duplicate. */
function createChangeHandler(change: Change, which = ''): Handler {
  return withApp(({ call, host, app, rest: maps }) => {
    if (maps.length === 0) return fail(call, 'No port mapping specified');
    const wrong = maps.map(findProblem).find((one) => one !== undefined);
    if (wrong !== undefined) return fail(call, wrong);
    const after = change(app, maps);
    const twice = findDuplicate(maps) ?? findDuplicate(after);
    if (twice !== undefined) {
      const scope = findDuplicate(maps) === undefined ? 'all ' : which;
      return fail(
        call,
        `Error validating ${scope}port mappings: The same scheme:host-port is being reused: ${twice}`,
      );
    }
    app.ports = after.toSorted();
    return host.rebuildProxy(call, app.name);
  });
}

/** Returns Dokku's error message for an invalid `scheme:host-port:container-port`, undefined for a valid one. */
function findProblem(map: string): string | undefined {
  const [scheme = '', host, container, ...rest] = map.split(':');
  const wrong = (why: string): string => `Invalid port map ${map} [${why}]`;
  if (host === undefined) {
    if (!isNumber(scheme)) return wrong(`err=${atoi(map)}`);
    return inRange(scheme) ? undefined : wrong(`hostPort=${Number(scheme)}`);
  }
  if (container === undefined) return wrong('len=2');
  const last = [container, ...rest].join(':');
  for (const text of [host, last]) if (!isNumber(text)) return wrong(`err=${atoi(text)}`);
  if (!inRange(host)) return wrong(`hostPort=${Number(host)}`);
  return inRange(last) ? undefined : wrong(`containerPort=${Number(last)}`);
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

function atoi(text: string): string {
  return `strconv.Atoi: parsing "${text}": invalid syntax`;
}

function inRange(text: string): boolean {
  return Number(text) > 0 && Number(text) < 65_536;
}

function findDuplicate(maps: readonly string[]): string | undefined {
  return maps.map(hostSide).find((side, at, all) => all.indexOf(side) !== at);
}

function hostSide(map: string): string {
  return map.split(':').slice(0, 2).join(':');
}

function clear({ call, host, app }: AppRequest): number {
  app.ports = [];
  return host.rebuildProxy(call, app.name);
}

function list({ call, app }: AppRequest): number {
  if (app.ports.length === 0) return fail(call, 'No port mappings configured for app');
  const rows = app.ports.map((map) => map.split(':'));
  if (call.quiet) call.out(formatColumns(rows, '    '));
  else {
    call.out(`-----> Port mappings for ${app.name}\n`);
    call.out(formatColumns([['-----> scheme', 'host port', 'container port'], ...rows], '    '));
  }
  return 0;
}

function matches(map: string, wanted: string): boolean {
  return wanted.includes(':') ? map === wanted : map.split(':')[1] === wanted;
}
