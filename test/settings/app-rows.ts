import { expect } from 'vitest';
import type { DeclaredApp } from '../support/declared-app.ts';
import type { BadValueRow, SettingRow } from './setting-row.ts';

const reportOf =
  (command: string) =>
  async ({ run }: DeclaredApp) =>
    JSON.parse((await run(`${command} shop --format json`)).out);

const mountsOf = reportOf('storage:list');
const optionsOf = reportOf('docker-options:report');
const resourcesOf = reportOf('resource:report');

/** The keys of what runs the app: resources, storage, ports, options, networks, builders, the registry and the scheduler. */
export const appRows: readonly SettingRow[] = [
  {
    key: 'resources',
    yml: 'resources: {memory: 1g, cpu: 0.5, worker: {memory: 512m, reserve: {memory: 256}}}',
    effect: async (app) =>
      expect(await resourcesOf(app)).toMatchObject({
        '_default_.limit.memory': '1024',
        '_default_.limit.cpu': '0.5',
        'worker.limit.memory': '512',
        'worker.reserve.memory': '256',
      }),
  },
  {
    key: 'resources',
    title: 'beside what an operator has set',
    yml: 'resources: {web: {memory: 256}}',
    prepare: async ({ run }) => {
      await run('resource:limit --memory 256m --cpu 2 --process-type web shop');
      await run('resource:limit --memory 100m --process-type web shop');
    },
    effect: async (app) =>
      expect(await resourcesOf(app)).toMatchObject({ 'web.limit.memory': '256', 'web.limit.cpu': '2' }),
    removed: async (app) =>
      expect(await resourcesOf(app)).toEqual({ 'web.limit.cpu': '2', 'resource-web.limit.cpu': '2' }),
  },
  {
    key: 'storage',
    yml: 'storage: [{name: uploads, mount: /app/uploads/, chown: 1000}, "/srv/conf:/etc/shop:ro"]',
    effect: async (app) => {
      expect(await mountsOf(app)).toEqual([
        expect.objectContaining({ host_path: '/srv/conf', container_path: '/etc/shop', readonly: true }),
        {
          entry_name: 'uploads',
          host_path: '/var/lib/dokku/data/storage/uploads',
          container_path: '/app/uploads',
        },
      ]);
      expect(JSON.parse((await app.run('storage:info uploads --format json')).out)).toMatchObject({
        chown: '1000',
      });
    },
    removed: async (app) => {
      expect(await mountsOf(app)).toEqual([]);
      expect((await app.run('storage:info uploads')).exit).toBe(0);
    },
  },
  {
    key: 'storage',
    title: 'of a review app, with the branch in its name',
    yml: 'review: {storage: [{name: $APP-uploads, mount: /data}]}',
    query: { command: 'review start', flags: { app: 'shop' }, env: { CI_PROJECT_NAME: 'store' } },
    effect: async (app) =>
      expect(await mountsOf(app)).toMatchObject([{ entry_name: 'shop-uploads', container_path: '/data' }]),
  },
  {
    key: 'storage',
    title: 'where an operator has mounted others',
    yml: 'storage: [{name: uploads, mount: /app/uploads, readonly: true}]',
    prepare: async ({ run }) => {
      await run('storage:create uploads');
      await run('storage:mount shop uploads --container-dir /app/uploads');
      await run('storage:mount shop /srv/old:/app/uploads');
      await run('storage:mount shop /srv/hand:/hand');
    },
    effect: async (app) =>
      expect(await mountsOf(app)).toMatchObject([
        { host_path: '/srv/hand', container_path: '/hand' },
        { entry_name: 'uploads', container_path: '/app/uploads', readonly: true },
      ]),
    removed: async (app) => expect(await mountsOf(app)).toMatchObject([{ container_path: '/hand' }]),
  },
  {
    key: 'ports',
    yml: 'ports: [http:8080:3000, https:443:3000]',
    effect: ({ app }) => expect(app().ports).toEqual(['http:8080:3000', 'https:443:3000']),
  },
  {
    key: 'docker_options',
    yml: 'docker_options: {build: [--build-arg A=1], deploy: [--shm-size=256m, --init], run: [--init]}',
    effect: async (app) =>
      expect(await optionsOf(app)).toMatchObject({
        'build-list': ['--build-arg A=1'],
        'deploy-list': ['--init', '--shm-size=256m'],
        'run-list': ['--init'],
      }),
    removed: async (app) =>
      expect(await optionsOf(app)).toMatchObject({ 'build-list': [], 'deploy-list': [], 'run-list': [] }),
  },
  {
    key: 'docker_options',
    title: 'beside those of others, and stored twice',
    yml: 'docker_options: {deploy: [--init]}',
    prepare: async ({ run }) => {
      await run('docker-options:add shop deploy --init');
      await run('docker-options:add shop deploy --init');
      await run("docker-options:add shop deploy '--label a=b'");
    },
    effect: async (app) =>
      expect(await optionsOf(app)).toMatchObject({ 'deploy-list': ['--init', '--label a=b'] }),
    removed: async (app) => expect(await optionsOf(app)).toMatchObject({ 'deploy-list': ['--label a=b'] }),
  },
  {
    key: 'network',
    yml: 'network: {attach_post_create: shop-net, tld: internal, bind_all_interfaces: true}',
    effect: async (app) => {
      expect(await reportOf('network:report')(app)).toMatchObject({
        'attach-post-create': 'shop-net',
        tld: 'internal',
        'bind-all-interfaces': 'true',
      });
      expect((await app.run('network:exists shop-net')).exit).toBe(0);
    },
  },
  {
    key: 'builder',
    yml: 'builder: {selected: dockerfile, build_dir: apps/web/, dockerfile_path: docker/Dockerfile}',
    effect: async (app) => {
      expect(await reportOf('builder:report')(app)).toMatchObject({
        selected: 'dockerfile',
        'build-dir': 'apps/web',
      });
      expect(await reportOf('builder-dockerfile:report')(app)).toMatchObject({
        'dockerfile-path': 'docker/Dockerfile',
      });
    },
  },
  {
    key: 'builder',
    title: 'by name',
    yml: 'builder: herokuish',
    prepare: ({ run }) => run('builder:set shop build-dir by-hand'),
    effect: async (app) =>
      expect(await reportOf('builder:report')(app)).toMatchObject({
        selected: 'herokuish',
        'build-dir': 'by-hand',
      }),
  },
  {
    key: 'buildpacks',
    yml: 'buildpacks: [heroku/nodejs, "https://github.com/shop/buildpack.git", heroku/nodejs]',
    effect: async (app) =>
      expect(await reportOf('buildpacks:report')(app)).toMatchObject({
        list: 'https://github.com/heroku/heroku-buildpack-nodejs.git,https://github.com/shop/buildpack.git',
      }),
  },
  {
    key: 'registry',
    yml: 'registry: {server: registry.example.com, push_on_release: true, image_repo: $GROUP/$APP}',
    query: { env: { GROUP: 'Group' } },
    effect: async (app) =>
      expect(await reportOf('registry:report')(app)).toMatchObject({
        server: 'registry.example.com',
        'push-on-release': 'true',
        'image-repo': 'group/shop',
      }),
  },
  {
    key: 'scheduler',
    yml: 'scheduler: {selected: k3s, k3s: {namespace: shop, rollback_on_failure: true, letsencrypt_server: false}}',
    prepare: ({ run }) => run('scheduler-k3s:initialize'),
    effect: async (app) => {
      expect(await reportOf('scheduler:report')(app)).toMatchObject({ selected: 'k3s' });
      expect(await reportOf('scheduler-k3s:report')(app)).toMatchObject({
        namespace: 'shop',
        'rollback-on-failure': 'true',
        'letsencrypt-server': 'false',
      });
    },
  },
];

const amounts = [
  ['{memory: 256MB}', 'resources.memory', '"256MB" is not an amount of memory', 'Write 256m'],
  ['{memory: lots}', 'resources.memory', '"lots" is not an amount of memory'],
  ['{memory: 5}', 'less than 6 MB'],
  ['{memory: -1}', '"-1" is not an amount of memory'],
  ['{memory: 10000000b}', 'is not a whole number of megabytes', 'Write 10'],
  ['{web: {limit: {cpu: 1 core}}}', 'resources.web.limit.cpu', '"1 core" is not an amount'],
  ['{cpu: 0}', '"0" is not an amount'],
  ['{nvidia_gpu: 0.5}', '"0.5" is not an amount'],
  ['{memory: 256, worker: {reserve: {memory: 512}}}', 'resources.worker', 'reserves 512 MB'],
  ['{memory_swap: 512}', 'memory_swap without a smaller limit'],
  ['{mem: 256}', 'resources.mem', 'expected an object'],
];

const mounts = [
  ['[{name: Up Loads, mount: /data}]', 'storage.0.name', 'is not the name of a storage entry'],
  [`[{name: ${'a'.repeat(46)}, mount: /data}]`, 'is not the name of a storage entry'],
  ['[{name: uploads, mount: data}]', 'storage.0.mount', '"data" is not an absolute path'],
  ['[{name: uploads, mount: /}]', 'is not an absolute path'],
  ['[{name: uploads, mount: /a/../b}]', 'is not an absolute path'],
  ['[{name: a, mount: /x}, {name: b, mount: /x/}]', 'storage.1', 'another entry is mounted at /x'],
  ['["uploads:/data"]', '"uploads" is not an absolute path', '{name: uploads, mount: /data}'],
  ['["/srv/data"]', 'is not a mount'],
  ['[{mount: /data}]', 'needs name or folder'],
  ['[{folder: srv, mount: /data}]', 'storage.0.folder', '"srv" is not an absolute path on the host'],
  ['[{name: a, mount: /data, chown: nobody}]', 'storage.0.chown', 'is not an owner that Dokku knows'],
];

const portMaps = [
  ['[http:80]', 'ports.0', '"http:80" is not a port mapping'],
  ['[http:80:70000]', '70000 is not a port'],
  ['[http:0:5000]', '0 is not a port'],
  ['[htps:443:5000]', '"htps" is not a scheme', 'Did you mean https?'],
  ['[http:80:5000, https:80:5000]', 'ports.1', 'uses the port 80, which http:80:5000 uses already'],
];

const options = [
  ['{deploy: ["--label a=b c"]}', 'docker_options.deploy.0', 'has a space or a quote in its value'],
  ['{deploy: [shm-size=1g]}', 'is not an option'],
  ['{deploy: [--shm-sise=1g]}', 'Docker has no option --shm-sise here', 'Did you mean --shm-size?'],
  ['{run: [--name=shop]}', '--name is what Dokku itself sets'],
  ['{start: [--init]}', 'docker_options', 'start'],
];

const values: readonly (readonly [string, readonly string[]])[] = [
  ...amounts.map(([yml, ...message]) => [`resources: ${yml}`, message] as const),
  ...mounts.map(([yml, ...message]) => [`storage: ${yml}`, message] as const),
  ...portMaps.map(([yml, ...message]) => [`ports: ${yml}`, message] as const),
  ...options.map(([yml, ...message]) => [`docker_options: ${yml}`, message] as const),
  ['network: {attach_post_create: "a,b"}', ['network.attach_post_create', '"a,b" is not the name']],
  ['network: {bind_all_interfaces: maybe}', ['network.bind_all_interfaces']],
  ['builder: dockerfil', ['builder: "dockerfil" is not a builder', 'Did you mean dockerfile?']],
  ['builder: {build_dir: ../up}', ['builder.build_dir', 'is not a path within what is shipped']],
  ['builder: {dockerfile_path: /Dockerfile}', ['is not a path within what is shipped']],
  ['buildpacks: [nonsense]', ['buildpacks.0', '"nonsense" is not a buildpack']],
  ['registry: {server: a.test, image_repo: Team/X}', ['"Team/X" is not the path of an image']],
  ['registry: {push_on_release: true}', ['registry.server', 'is missing']],
  ['registry: {server: a.test, push_on_release: maybe}', ['registry.push_on_release']],
  ['scheduler: k8s', ['scheduler: "k8s" is not a scheduler', 'Did you mean k3s?']],
  ['scheduler: "null"', ['"null" is not a scheduler']],
  ['scheduler: {k3s: {deploy_timeout: soon}}', ['scheduler', 'expected a duration']],
];

export const appBadValues: readonly BadValueRow[] = [
  ...values.map(([yml, message]) => ({ key: yml.slice(0, yml.indexOf(':')), yml, message })),
  {
    key: 'storage',
    yml: 'storage: [{name: uploads, mount: /data}]',
    query: { command: 'review start' },
    message: ['"uploads" is the same for all branches', '$APP-uploads'],
  },
  {
    key: 'resources',
    yml: 'resources: {wrker: {memory: 256}}',
    query: { files: { procfile: 'web: x\nworker: y\n' } },
    message: ['resources.wrker', 'is not a process of the Procfile', 'Did you mean worker?'],
  },
];
