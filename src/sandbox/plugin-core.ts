import { fail, findApp } from './answers.ts';
import type { Handler, Plugin } from './call.ts';

/** The version of Dokku whose recordings the sandbox is held to. */
export const dokkuVersion = '0.38.27';

const version: Handler = (call) => {
  call.out(`dokku version ${dokkuVersion}\n`);
  return 0;
};

const help: Handler = (call) => {
  call.out(
    '    apps                     Manage apps\n    config                   Manage global and app-specific config vars\n',
  );
  call.out(
    '    git                      Manage app deploys via git\n    ps                       Manage app processes\n',
  );
  return 0;
};

const urls: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  for (const url of host.urls(app)) call.out(`${url}\n`);
  return 0;
};

const deployedReport: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const running = app.web !== undefined && !app.web.hasEnded();
  const rows: [string, string][] = [
    ['Deployed', String(app.deployed)],
    ['Processes', app.deployed ? '1' : '0'],
    ['Ps can scale', 'true'],
    ['Running', String(running)],
  ];
  const [, flag] = call.words;
  if (flag === undefined) {
    call.out(`=====> ${app.name} ps information\n`);
    for (const [name, value] of rows) call.out(`       ${`${name}:`.padEnd(33)} ${value}\n`);
    return 0;
  }
  const row = rows.find(([name]) => `--${name.toLowerCase().replaceAll(' ', '-')}` === flag);
  if (!row)
    return fail(call, 'Invalid flag passed, valid flags: --deployed, --processes, --ps-can-scale, --running');
  call.out(`${row[1]}\n`);
  return 0;
};

const release: Handler = async (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const rebuilds = call.command === 'ps:rebuild';
  if (!rebuilds && !app.deployed) {
    call.err(` !     App ${app.name} has not been deployed\n`);
    return 0;
  }
  return host.release(app, { out: call.out, source: rebuilds ? 'ps-rebuild' : 'ps-restart' });
};

const stop: Handler = async (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  if (!app.deployed) {
    call.err(` !     App ${app.name} has not been deployed\n`);
    return 0;
  }
  call.out(`-----> Stopping ${app.name}\n`);
  await app.web?.stop();
  return 0;
};

const cancel: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  if (!app.deploying) {
    call.out('-----> App not currently deploying\n');
    return 0;
  }
  call.out(`-----> Canceling build for ${app.name}\n`);
  app.deploying.abort('canceled');
  return 0;
};

const builds: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const listed = app.builds.toReversed().map(({ id, source, status, startedAt }) => ({
    id,
    app: app.name,
    kind: 'build',
    started_at: new Date(startedAt).toISOString(),
    status,
    source,
  }));
  call.out(`${JSON.stringify(listed)}\n`);
  return 0;
};

const gitReport: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const rows: [string, string][] = [
    ['Git computed deploy branch', app.deployBranch ?? 'master'],
    ['Git deploy branch', app.deployBranch ?? ''],
    ['Git global deploy branch', ''],
  ];
  const [, flag] = call.words;
  const row = rows.find(([name]) => `--${name.toLowerCase().replaceAll(' ', '-')}` === flag);
  if (flag !== undefined && !row)
    return fail(
      call,
      `Invalid flag passed, valid flags: ${rows.map(([name]) => `--${name.toLowerCase().replaceAll(' ', '-')}`).join(', ')}`,
    );
  if (row) {
    call.out(`${row[1]}\n`);
    return 0;
  }
  call.out(`=====> ${app.name} git information\n`);
  for (const [name, value] of rows) call.out(`       ${`${name}:`.padEnd(31)} ${value}\n`);
  return 0;
};

const gitSet: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const [, key, value] = call.words;
  const keys = [
    'archive-max-files',
    'archive-max-size',
    'deploy-branch',
    'keep-git-dir',
    'rev-env-var',
    'source-image',
  ];
  if (!key || !keys.includes(key))
    return fail(call, `Invalid key specified, valid keys include: ${keys.join(', ')}`);
  if (key === 'deploy-branch') app.deployBranch = value;
  call.out(value === undefined ? `=====> Unsetting ${key}\n` : `=====> Setting ${key} to ${value}\n`);
  return 0;
};

const domainsReport: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const rows: [string, string][] = [
    ['Domains app enabled', 'true'],
    ['Domains app vhosts', app.domains.join(' ')],
    ['Domains global enabled', 'true'],
    ['Domains global vhosts', host.domain],
  ];
  call.out(`=====> ${app.name} domains information\n`);
  for (const [name, value] of rows) call.out(`       ${`${name}:`.padEnd(30)} ${value}\n`);
  return 0;
};

const domainName = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const domainsAdd: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  const bad = call.words.slice(1).find((name) => !domainName.test(name));
  if (bad) return fail(call, `${bad} is invalid. exiting...`);
  for (const name of call.words.slice(1)) {
    const isNew = !app.domains.includes(name);
    if (isNew) app.domains.push(name);
    call.out(
      isNew
        ? `-----> Added ${name} to ${app.name}\n`
        : `-----> Skipping: ${name} already added to ${app.name}\n`,
    );
  }
  return host.rebuildProxy(call, app.name);
};

/** The commands of Dokku's other plugins that this tool may send. */
export const core: Plugin = {
  version,
  '-v': version,
  help,
  urls,
  url: urls,
  'ps:report': deployedReport,
  'ps:rebuild': release,
  'ps:restart': release,
  'ps:stop': stop,
  'builds:cancel': cancel,
  'builds:list': builds,
  'git:report': gitReport,
  'git:set': gitSet,
  'domains:report': domainsReport,
  'domains:add': domainsAdd,
};
