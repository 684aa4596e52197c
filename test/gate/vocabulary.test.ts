import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as appSettings from '../../src/dokku/app-settings.ts';
import * as apps from '../../src/dokku/apps.ts';
import { buildSshLine, type Command } from '../../src/dokku/command.ts';
import * as config from '../../src/dokku/config.ts';
import * as gitSync from '../../src/dokku/git-sync.ts';
import * as images from '../../src/dokku/images.ts';
import * as runs from '../../src/dokku/run.ts';
import * as services from '../../src/dokku/services.ts';
import type { Grants } from '../../src/gate/grants.ts';
import { judge } from '../../src/gate/judge.ts';
import { grantsOf } from '../support/gate.ts';

const app = 'my-branch';
const service = { plugin: 'mysql', name: 'my-branch-database' };

/** One command of each function that makes some, with all that it can contain. */
const commands: Readonly<Record<string, Command>> = {
  createApp: apps.createApp(app),
  destroyApp: apps.destroyApp(app),
  appExists: apps.appExists(app),
  appLocked: apps.appLocked(app),
  unlockApp: apps.unlockApp(app),
  rebuildApp: apps.rebuildApp(app),
  cancelBuild: apps.cancelBuild(app),
  listBuilds: apps.listBuilds(app),
  runningBuilds: apps.runningBuilds(app),
  appDeployed: apps.appDeployed(app),
  appRunning: apps.appRunning(app),
  appUrls: apps.appUrls(app),
  appReport: apps.appReport(app),
  gitReport: apps.gitReport(app),
  runningRevision: apps.runningRevision(app),
  recentLogs: apps.recentLogs(app),
  failedLogs: apps.failedLogs(app),
  scaleReport: apps.scaleReport(app),
  domainsReport: apps.domainsReport(app),
  maintenanceReport: apps.maintenanceReport(app),
  reportGlobalDomains: appSettings.reportGlobalDomains(),
  reportDomains: appSettings.reportDomains(app),
  listMounts: appSettings.listMounts(app),
  listPorts: appSettings.listPorts(app),
  reportDockerOptions: appSettings.reportDockerOptions(app),
  hasCertificate: appSettings.hasCertificate(app),
  appCreatedAt: appSettings.appCreatedAt(app),
  listApps: appSettings.listApps(),
  exportConfig: config.exportConfig(app),
  importConfig: config.importConfig(app, { KEY: 'value' }),
  setConfig: config.setConfig(app, { KEY: 'value', OTHER: 'é "x" $y' }),
  unsetConfig: config.unsetConfig(app, ['KEY', '_other']),
  syncApp: gitSync.syncApp(app, `/home/dokku/${app}`, 'a'.repeat(40)),
  fromImage: images.fromImage(app, 'registry.example.com:5000/shop/web@sha256:0123'),
  loadImage: images.loadImage(app, 'dokku-deploy/my-branch:0123'),
  registryLogin: images.registryLogin(app, { server: 'r.example.com', user: 'robot$x', password: 'p' }),
  runOneOff: runs.runOneOff({ app, nonce: '0123456789abcdef', script: "echo 'é'; exit 7", ttl: 3_600 }),
  listRuns: runs.listRuns(app),
  stopRun: runs.stopRun(`${app}.run.12345`),
  serviceExists: services.serviceExists(service),
  serviceInfo: services.serviceInfo(service),
  startService: services.startService(service),
  stopService: services.stopService(service),
  createService: services.createService(service, {
    image: 'mysql',
    version: '8.4',
    env: { A: "it's", B: 'x y' },
    options: { memory: '512', 'shm-size': '256m', password: 'pass-word.1', 'root-password': 'pass_word~2' },
  }),
  linkService: services.linkService(service, app, 'OTHER'),
  unlinkService: services.unlinkService(service, app),
  appLinks: services.appLinks('mysql', app),
  destroyService: services.destroyService(service),
};

const operated = 'an operator configures the apps of a gated host';

/** Commands that the gate refuses on purpose, each with the reason. */
const refusedOnPurpose: ReadonlyMap<string, string> = new Map([
  ['unlockApp', 'a job would start a second deploy of an app while one is running'] as const,
  ...[
    ...['showCertificate', 'addCertificate', 'removeCertificate'],
    ...['reportLetsencrypt', 'setLetsencrypt', 'enableLetsencrypt', 'disableLetsencrypt'],
    ...['reportHttpAuth', 'showHttpAuth', 'enableHttpAuth', 'disableHttpAuth'],
    ...['addHttpUser', 'removeHttpUser', 'addAllowedIp', 'removeAllowedIp'],
    ...['reportNginx', 'setNginx', 'buildProxyConfig'],
    ...['reportMaintenance', 'switchMaintenance', 'reportProxy', 'setProxyType', 'switchProxy'],
  ].map((name) => [name, 'a value that nginx refuses breaks all apps of a shared host'] as const),
  ['addDockerOption', 'an option such as --privileged gives the whole host to the app'] as const,
  ['removeDockerOption', 'what an operator has set must stay'] as const,
  ['mountCommand', 'any folder of the host can be mounted'] as const,
  ['unmountCommand', 'what an operator has mounted must stay'] as const,
  ['createStorageEntry', 'the folder of another app can be given another owner'] as const,
  ['createNetwork', 'networks belong to the host'] as const,
  ['reportMounts', operated] as const,
  ['listStorageEntries', operated] as const,
  ['listNetworks', operated] as const,
  ['listClusterNodes', operated] as const,
  ['reportResources', operated] as const,
  ['writeResources', operated] as const,
  ['setPorts', operated] as const,
  ['reportBuildpacks', operated] as const,
  ['setBuildpacks', operated] as const,
]);

const folder = new URL('../../src/dokku/', import.meta.url);
const declared = globSync('*.ts', { cwd: folder }).flatMap((file) =>
  readFileSync(new URL(file, folder), 'utf8')
    .split('\nexport function ')
    .slice(1)
    .filter((code) => /^\w+\([\s\S]*?\): (\w+) \{$/m.exec(code)?.[1] === 'Command')
    .map((code) => code.split('(')[0] ?? ''),
);

const allowing = (grants: Grants): Grants => ({
  ...grants,
  apps: new Map(
    [...grants.apps].map(([name, grant]) => [name, { ...grant, loadsImages: true, runsScripts: true }]),
  ),
});

describe('the vocabulary of the gate', () => {
  test('has been compared with every command of src/dokku: add a new one to this table, and to vocabulary.ts or refusedOnPurpose', () => {
    expect(declared.length).toBeGreaterThan(35);
    const known = [...Object.keys(commands), ...refusedOnPurpose.keys()];
    expect(declared.filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each(Object.entries(commands))('passes %s as dokku-deploy sends it', (_, command) => {
    const line = buildSshLine(command, new Map());
    expect(judge(allowing(grantsOf()), line)).toMatchObject({ kind: 'allowed', line });
  });

  test('passes a service without options, and a link without an alias', () => {
    for (const command of [services.createService(service), services.linkService(service, app)])
      expect(judge(grantsOf(), buildSshLine(command, new Map())).kind).toBe('allowed');
  });

  test('shares no code with what builds the commands', () => {
    const judging = ['split', 'values', 'vocabulary', 'match', 'judge', 'grants', 'review-names'];
    const texts = judging.map((name) => readFileSync(new URL(`../gate/${name}.ts`, folder), 'utf8'));
    expect(texts.filter((text) => /from '\.\.\/(dokku|plan|apply)\//.test(text))).toEqual([]);
  });
});
