import { fail, unknownFlag } from '../host/answers.ts';
import { ownProperty } from '../host/app-properties.ts';
import { columns } from '../host/columns.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { goJson, type Report, reporting } from '../host/report.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const isNumber = (text: string): boolean => /^[+-]?\d+$/.test(text);

const atoi = (text: string): string => `strconv.Atoi: parsing "${text}": invalid syntax`;

const inRange = (text: string): boolean => Number(text) > 0 && Number(text) < 65_536;

/** What is wrong with `scheme:host port:container port`, in Dokku's words. */
const trouble = (map: string): string | undefined => {
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
};

const hostSide = (map: string): string => map.split(':').slice(0, 2).join(':');

const reused = (maps: readonly string[]): string | undefined =>
  maps.map(hostSide).find((side, at, all) => all.indexOf(side) !== at);

type Change = (app: App, maps: readonly string[]) => readonly string[];

/** A command that changes the mappings of an app, and the words for one that is given twice. */
function changing(change: Change, which = ''): Handler {
  return withApp(({ call, host, app, rest: maps }) => {
    if (maps.length === 0) return fail(call, 'No port mapping specified');
    const wrong = maps.map(trouble).find((one) => one !== undefined);
    if (wrong !== undefined) return fail(call, wrong);
    const after = change(app, maps);
    const twice = reused(maps) ?? reused(after);
    if (twice !== undefined) {
      const scope = reused(maps) === undefined ? 'all ' : which;
      return fail(
        call,
        `Error validating ${scope}port mappings: The same scheme:host-port is being reused: ${twice}`,
      );
    }
    app.ports = after.toSorted();
    return host.rebuildProxy(call, app.name);
  });
}

function clear({ call, host, app }: AppRequest): number {
  app.ports = [];
  return host.rebuildProxy(call, app.name);
}

function list({ call, app }: AppRequest): number {
  if (app.ports.length === 0) return fail(call, 'No port mappings configured for app');
  const rows = app.ports.map((map) => map.split(':'));
  if (call.quiet) call.out(columns(rows, '    '));
  else {
    call.out(`-----> Port mappings for ${app.name}\n`);
    call.out(columns([['-----> scheme', 'host port', 'container port'], ...rows], '    '));
  }
  return 0;
}

const detected = (app: App): string => {
  if (app.builds.length === 0) return '';
  const exposed = app.image?.recipe.exposed;
  const port = ownProperty(app, 'proxy', 'proxy-port');
  return exposed === undefined ? `http:${port || '80'}:5000` : `http:${port || exposed}:${exposed}`;
};

const asJson = (maps: readonly string[]): string =>
  maps.length === 0
    ? 'null'
    : goJson(
        maps.map((map) => {
          const [scheme, host, container] = map.split(':');
          return { container_port: Number(container), host_port: Number(host), scheme };
        }),
      );

const report: Report = {
  title: 'ports',
  prefix: 'ports',
  bothKeys: true,
  rows: (app) => [
    ['Ports map', app.ports.join(' ')],
    ['Ports map detected', detected(app)],
    ['Ports map detected json', asJson(detected(app) === '' ? [] : [detected(app)])],
    ['Ports map json', asJson(app.ports)],
  ],
};

const matches = (map: string, asked: string): boolean =>
  asked.includes(':') ? map === asked : map.split(':')[1] === asked;

/** Dokku's ports plugin. */
export const ports: Plugin = {
  'ports:add': changing((app, maps) => [...app.ports, ...maps], 'new '),
  'ports:clear': withApp(clear),
  'ports:list': withApp(list, { refuse: unknownFlag }),
  'ports:remove': changing((app, maps) =>
    app.ports.filter((map) => !maps.some((asked) => matches(map, asked))),
  ),
  'ports:report': reporting(report),
  'ports:set': changing((_, maps) => maps),
};
