import { ownProperty } from '../host/app-properties.ts';
import { readManifestOf } from '../host/image.ts';
import { isDeployed } from '../host/is-deployed.ts';
import { hasCluster, runningState, schedulerOf } from '../host/running-state.ts';
import { nginxDefaults } from '../nginx/properties.ts';
import type { Property, PropertyPlugin } from './properties.ts';

const restartPolicy = /^(no|always|unless-stopped|on-failure(:.*)?)$/;

const nginxKeys: readonly Property[] = Object.entries(nginxDefaults).map(([key, value]) => ({
  key,
  computed: value,
}));

// The report expects an answer that only these schedulers give.
const goPanic = `panic: runtime error: index out of range [1] with length 1

goroutine 30 [running]:
github.com/dokku/dokku/plugins/ps.getRunningState(...)
`;

const ps: PropertyPlugin = {
  plugin: 'ps',
  crash: (app, { state }) =>
    ['docker-local', 'null'].includes(schedulerOf(app, state)) || hasCluster(state) ? undefined : goPanic,
  bothKeys: true,
  properties: [
    { key: 'dockerfile-start-cmd', computed: '', global: false },
    { key: 'procfile-path', computed: 'Procfile' },
    { key: 'restart-policy', computed: 'on-failure:10' },
    { key: 'restore', own: false, global: false },
    { key: 'skip-deploy', computed: 'false' },
    { key: 'start-cmd', computed: '', global: false },
    { key: 'stop-timeout-seconds', computed: '30' },
  ],
  validate: (key, value) =>
    key === 'restart-policy' && !restartPolicy.test(value) ? 'Invalid restart-policy specified' : undefined,
  rows: (app, { state }) => [
    ['Deployed', String(isDeployed(app))],
    ['Processes', schedulerOf(app, state) === 'null' ? '1' : String(app.containers.length)],
    ['Ps can scale', String(app.canScale)],
    ['Restore', ownProperty(app, 'ps', 'restore') || 'true'],
    ['Running', schedulerOf(app, state) === 'null' ? 'true' : runningState(app)],
    ...(schedulerOf(app, state) === 'docker-local' ? app.containers : []).map(
      ({ id, type, index, status }) =>
        [`Status ${type}.${index}`, `${status()} (CID: ${id.slice(0, 11)})`] as const,
    ),
  ],
};

const builders = ['dockerfile', 'lambda', 'nixpacks', 'pack', 'railpack'] as const;

const builderFiles: Readonly<Record<(typeof builders)[number], readonly [string, string]>> = {
  dockerfile: ['dockerfile-path', 'Dockerfile'],
  lambda: ['lambdayml-path', 'lambda.yml'],
  nixpacks: ['nixpackstoml-path', 'nixpacks.toml'],
  pack: ['projecttoml-path', 'project.toml'],
  railpack: ['railpackjson-path', 'railpack.json'],
};

/** The plugins whose only commands in the sandbox, or most of them, are `report` and `set`. */
export const propertyTables: readonly PropertyPlugin[] = [
  ps,
  { plugin: 'app-json', bothKeys: true, properties: computed({ 'appjson-path': 'app.json' }) },
  {
    plugin: 'builder',
    bothKeys: true,
    properties: [...keys('build-dir selected'), { key: 'skip-cleanup', computed: 'false' }],
    validKeys: ['build-dir', 'detected', 'selected', 'skip-cleanup'],
    rows: (app) => [
      ['Builder detected', app.deployed ? (app.image?.recipe.builder ?? '').toLowerCase() : ''],
    ],
  },
  ...builders.map((name) => {
    const [key, value] = builderFiles[name];
    return { plugin: `builder-${name}`, noun: 'key' as const, properties: [{ key, computed: value }] };
  }),
  { plugin: 'builder-herokuish', noun: 'key', properties: computed({ allowed: 'true' }) },
  {
    plugin: 'checks',
    noun: 'key',
    properties: [{ key: 'wait-to-retire', computed: '60' }],
    rows: (app) => [
      ['Checks disabled list', ownProperty(app, 'checks', 'disabled') || 'none'],
      ['Checks skipped list', ownProperty(app, 'checks', 'skipped') || 'none'],
    ],
  },
  {
    plugin: 'cron',
    bothKeys: true,
    properties: [...keys('mailfrom mailto', { own: false }), { key: 'maintenance', computed: 'false' }],
    rows: (app) => [['Cron task count', String(readManifestOf(app)?.cron?.length ?? 0)]],
  },
  {
    plugin: 'logs',
    bothKeys: true,
    properties: [
      ...computed({ 'app-label-alias': 'com.dokku.app-name', 'max-size': '10m' }),
      ...keys('vector-cron-sink vector-sink'),
      { key: 'vector-image', computed: 'timberio/vector:0.57.0-debian', own: false },
      { key: 'vector-networks', computed: '', own: false },
    ],
  },
  {
    plugin: 'network',
    bothKeys: true,
    properties: [
      ...keys('attach-post-create attach-post-deploy initial-network tld'),
      { key: 'bind-all-interfaces', computed: 'false' },
      { key: 'static-web-listener', global: false },
    ],
    rows: (app) => [['Network web listeners', app.web ? `127.0.0.1:${app.web.port}` : '']],
  },
  { plugin: 'nginx', noun: 'key', properties: nginxKeys, rows: () => [['Nginx last visited at', '']] },
  {
    plugin: 'registry',
    bothKeys: true,
    properties: [
      { key: 'image-repo', computed: ({ name }) => `dokku/${name}`, global: false },
      ...keys('image-repo-template push-extra-tags server'),
      { key: 'push-on-release', computed: 'false' },
    ],
    rows: (app) => [['Registry tag version', ownProperty(app, 'registry', 'tag-version')]],
  },
  {
    plugin: 'scheduler',
    bothKeys: true,
    properties: [{ key: 'selected', computed: 'docker-local' }, ...keys('shell')],
  },
  {
    plugin: 'scheduler-docker-local',
    noun: 'key',
    properties: computed({ 'init-process': 'true', 'parallel-schedule-count': '1' }),
  },
];

/** Returns properties with the defaults that a real host reports when nothing is set. */
function computed(values: Readonly<Record<string, string>>): Property[] {
  return Object.entries(values).map(([key, value]) => ({ key, computed: value }));
}

function keys(names: string, more: Partial<Property> = {}): Property[] {
  return names.split(' ').map((key) => ({ key, computed: '', ...more }));
}
