import { fail } from '../host/answers.ts';
import { ownProperty } from '../host/app-properties.ts';
import type { Plugin } from '../host/handler.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { reloadNginx } from '../nginx/build-config.ts';
import { createShellReportHandler } from './shell-report.ts';

const file = 'maintenance.conf';

/** The maintenance plugin, without custom pages. */
export const maintenance: Plugin = {
  'maintenance:disable': withApp(disable),
  'maintenance:enable': withApp(enable),
  'maintenance:off': withApp(deprecated('disable', disable)),
  'maintenance:on': withApp(deprecated('enable', enable)),
  'maintenance:report': createShellReportHandler({
    plugin: 'maintenance',
    hasJson: true,
    rows: (app) => [
      ['enabled', String(isEnabled(app))],
      ['custom-page-sha256', ownProperty(app, 'maintenance', 'custom-page-sha256')],
    ],
  }),
};

function isEnabled({ proxy }: App): boolean {
  return proxy.parts.has(file);
}

function disable({ call, host, app }: AppRequest): number {
  if (!isEnabled(app)) {
    call.out('-----> Maintenance mode already disabled\n');
    return 0;
  }
  call.out(`-----> Disabling maintenance mode for ${app.name}...\n`);
  app.proxy.parts.delete(file);
  const exit = reloadNginx(call, host, app);
  if (exit === 0) call.out('       Done\n');
  return exit;
}

function enable({ call, host, app }: AppRequest): number {
  if (isEnabled(app)) {
    call.out('-----> Maintenance mode already enabled\n');
    return 0;
  }
  call.out(`-----> Enabling maintenance mode for ${app.name}...\n`);
  app.proxy.parts.set(file, `error_page 533 =503 @maintenance;\n`);
  const exit = reloadNginx(call, host, app);
  if (exit === 0) call.out('       Done\n');
  return exit;
}

function deprecated(name: string, run: (request: AppRequest) => number): (request: AppRequest) => number {
  return (request) => {
    fail(request.call, `Deprecated: Please use maintenance:${name}`);
    return run(request);
  };
}
