import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's checks plugin that aren't `report` or `set`. */
export const checks: Plugin = {
  'checks:disable': createListHandler({ word: 'Disabling', onto: 'disabled', from: ['skipped'] }),
  'checks:enable': createListHandler({ word: 'Enabling', from: ['disabled', 'skipped'] }),
  'checks:run': withApp(run),
  'checks:skip': createListHandler({ word: 'Skipping', onto: 'skipped', from: ['disabled'] }),
};

interface ListChange {
  readonly word: string;
  /** The list that process types are added to, if any, and the lists that they are removed from. */
  readonly onto?: string;
  readonly from: readonly string[];
}

/** Returns a handler that adds an app's process types (all by default) to a list and removes them from others. */
function createListHandler({ word, onto, from }: ListChange): Handler {
  return withApp(({ call, app, rest: [types] }) => {
    const some = types === undefined || types === '_all_' ? undefined : types.split(',');
    call.out(
      some
        ? `-----> ${word} zero downtime for app's (${app.name}) proctypes (${types})\n`
        : `-----> ${word} zero downtime for ${onto === undefined ? "app's" : 'app'} (${app.name})\n`,
    );
    for (const key of from)
      saveList(app, key, some ? readList(app, key).filter((type) => !some.includes(type)) : []);
    if (onto === undefined) return 0;
    saveList(app, onto, some ? [...new Set([...readList(app, onto), ...some])] : ['_all_']);
    return 0;
  });
}

function saveList(app: App, key: string, types: readonly string[]): void {
  setProperty(app, 'checks', key, types.join(','));
}

function readList(app: App, key: string): string[] {
  return ownProperty(app, 'checks', key)
    .split(',')
    .filter((type) => type !== '' && type !== '_all_');
}

async function run({ call, app, rest }: AppRequest): Promise<number> {
  const [type = 'web'] = rest;
  if (!app.deployed) return fail(call, `App ${app.name} has not been deployed`);
  call.out('-----> Running pre-flight checks\n');
  const [kind = '', index] = type.split('.');
  if (kind !== 'web') return fail(call, `Invalid process type specified (${app.name}.${kind})`);
  if (index !== undefined && index !== '1')
    return fail(call, `Invalid container index specified (${app.name}.${kind}.${index})`);
  return runOne(call, app);
}

async function runOne(call: Call, app: App): Promise<number> {
  call.out(`-----> Running checks for app (${app.name}.web.1)\n`);
  if (app.web === undefined || app.web.hasEnded()) return fail(call, 'Container is not running');
  call.out('-----> Executing 1 healthchecks\n');
  call.out("       Running healthcheck name='default' type='uptime' uptime=10\n");
  call.out("       Healthcheck succeeded name='default'\n");
  return 0;
}
