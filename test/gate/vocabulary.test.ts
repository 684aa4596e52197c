import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as appSettings from '../../src/dokku/app-settings.ts';
import * as apps from '../../src/dokku/apps.ts';
import * as buildpacks from '../../src/dokku/buildpacks.ts';
import * as certs from '../../src/dokku/certs.ts';
import { buildSshLine, type Command } from '../../src/dokku/command.ts';
import * as config from '../../src/dokku/config.ts';
import * as dockerOptions from '../../src/dokku/docker-options.ts';
import * as gitSync from '../../src/dokku/git-sync.ts';
import * as httpAuth from '../../src/dokku/http-auth.ts';
import * as images from '../../src/dokku/images.ts';
import * as letsencrypt from '../../src/dokku/letsencrypt.ts';
import * as maintenance from '../../src/dokku/maintenance.ts';
import * as networks from '../../src/dokku/networks.ts';
import * as nginx from '../../src/dokku/nginx.ts';
import * as ports from '../../src/dokku/ports.ts';
import * as proxy from '../../src/dokku/proxy.ts';
import * as resources from '../../src/dokku/resources.ts';
import * as runs from '../../src/dokku/run.ts';
import * as scheduler from '../../src/dokku/scheduler.ts';
import * as services from '../../src/dokku/services.ts';
import * as storage from '../../src/dokku/storage.ts';
import { judge } from '../../src/gate/judge.ts';
import { aPolicy, generousRules, grantsOf } from '../support/gate.ts';

const app = 'my-branch';
const mount = { kind: 'entry', source: 'uploads', path: '/app/uploads', isReadonly: true } as const;
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
    options: {
      ...{ memory: '512', 'shm-size': '256m', password: 'pass-word.1', 'root-password': 'pass_word~2' },
      ...{ 'initial-network': 'shop', 'post-create-network': 'shop', 'post-start-network': 'shop' },
    },
  }),
  linkService: services.linkService(service, app, 'OTHER'),
  unlinkService: services.unlinkService(service, app),
  appLinks: services.appLinks('mysql', app),
  destroyService: services.destroyService(service),
  showCertificate: certs.showCertificate(app),
  addCertificate: certs.addCertificate(app, 'c', 'k'),
  removeCertificate: certs.removeCertificate(app),
  reportLetsencrypt: letsencrypt.reportLetsencrypt(app),
  setLetsencrypt: letsencrypt.setLetsencrypt(app, 'server', 'https://acme.example.com/directory'),
  enableLetsencrypt: letsencrypt.enableLetsencrypt(app),
  disableLetsencrypt: letsencrypt.disableLetsencrypt(app),
  reportHttpAuth: httpAuth.reportHttpAuth(app),
  showHttpAuth: httpAuth.showHttpAuth(app),
  enableHttpAuth: httpAuth.enableHttpAuth(app),
  disableHttpAuth: httpAuth.disableHttpAuth(app),
  addHttpUser: httpAuth.addHttpUser(app, 'team', "it's $(secret)"),
  removeHttpUser: httpAuth.removeHttpUser(app, 'team'),
  addAllowedIp: httpAuth.addAllowedIp(app, '2001:db8::/32'),
  removeAllowedIp: httpAuth.removeAllowedIp(app, '192.0.2.1'),
  reportNginx: nginx.reportNginx(app),
  setNginx: nginx.setNginx(app, 'x-forwarded-for-value', '$http_x_real_ip'),
  buildProxyConfig: nginx.buildProxyConfig(app),
  reportMaintenance: maintenance.reportMaintenance(app),
  switchMaintenance: maintenance.switchMaintenance(app, true),
  reportProxy: proxy.reportProxy(app),
  setProxyType: proxy.setProxyType(app, 'traefik'),
  switchProxy: proxy.switchProxy(app, false),
  addDockerOption: dockerOptions.addDockerOption(app, ['build', 'deploy'], '--build-arg A=1'),
  removeDockerOption: dockerOptions.removeDockerOption(app, ['run'], '--init'),
  mountCommand: storage.mountCommand(app, mount),
  unmountCommand: storage.unmountCommand(app, { ...mount, isPlain: true, suffix: '' }),
  createStorageEntry: storage.createStorageEntry('uploads', '1000'),
  createNetwork: networks.createNetwork('shop-net'),
  reportMounts: storage.reportMounts(app),
  listStorageEntries: storage.listStorageEntries(),
  listNetworks: networks.listNetworks(),
  listClusterNodes: scheduler.listClusterNodes(),
  reportResources: resources.reportResources(app),
  writeResources: resources.writeResources(
    app,
    { type: 'web', kind: 'limit' },
    new Map([
      ['memory', '256'],
      ['cpu', undefined],
    ]),
  ),
  setPorts: ports.setPorts(app, ['http:8080:5000', 'https:443:5000']),
  reportBuildpacks: buildpacks.reportBuildpacks(app),
  setBuildpacks: buildpacks.setBuildpacks(app, ['https://github.com/heroku/heroku-buildpack-nodejs.git']),
};

const folder = new URL('../../src/dokku/', import.meta.url);
const declared = globSync('*.ts', { cwd: folder }).flatMap((file) =>
  readFileSync(new URL(file, folder), 'utf8')
    .split('\nexport function ')
    .slice(1)
    .filter((code) => /^\w+\([\s\S]*?\): (\w+) \{$/m.exec(code)?.[1] === 'Command')
    .map((code) => code.split('(')[0] ?? ''),
);

describe('the vocabulary of the gate', () => {
  test('has been compared with every command of src/dokku: add a new one to this table, and to vocabulary.ts', () => {
    expect(declared.length).toBeGreaterThan(35);
    expect(declared.filter((name) => !Object.hasOwn(commands, name))).toEqual([]);
  });

  test.each(Object.entries(commands))('passes %s as dokku-deploy sends it', (_, command) => {
    const line = buildSshLine(command, new Map());
    expect(judge(grantsOf({}, aPolicy(generousRules)), line)).toMatchObject({ kind: 'allowed', line });
  });

  test('passes a service without options, and a link without an alias', () => {
    for (const command of [services.createService(service), services.linkService(service, app)])
      expect(judge(grantsOf(), buildSshLine(command, new Map())).kind).toBe('allowed');
  });

  test('passes the options of a service in any order, and a network only if the policy lists it', () => {
    const options = { password: 'pass-word.1', memory: '512' };
    const line = buildSshLine(services.createService(service, { options }), new Map());
    expect(judge(grantsOf(), line).kind).toBe('allowed');
    expect(judge(grantsOf(), `${line} --memory 512`).kind).toBe('refused');
    expect(judge(grantsOf(), `${line} --initial-network blog`)).toMatchObject({
      reason: 'the policy does not list blog in networks for my-branch',
    });
  });

  test('shares no code with what builds the commands', () => {
    const judging = [
      ...['split', 'values', 'setting-forms', 'vocabulary', 'setting-rules', 'setting-names'],
      ...['match', 'judge', 'grants', 'setting-grants', 'review-names', 'certificate-archive'],
    ];
    const texts = judging.map((name) => readFileSync(new URL(`../gate/${name}.ts`, folder), 'utf8'));
    expect(texts.filter((text) => /from '\.\.\/(dokku|plan|apply)\//.test(text))).toEqual([]);
  });
});
