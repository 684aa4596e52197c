import { describe, expect, test } from 'vitest';
import { judge } from '../../src/gate/judge.ts';
import { grantableSettings } from '../../src/gate/setting-names.ts';
import { aPolicy, grantsOf } from '../support/gate.ts';

const explicit = grantableSettings.filter(({ grant }) => grant === 'explicit').map(({ name }) => name);
const lists =
  'domains: ["$APP.example.com"], storage: [$APP-up, /srv/shop], networks: ["shop-*"], docker_options: ["--shm-size=*"]';

/** A project to which the policy grants every setting, with narrow lists. */
const grants = grantsOf(
  {},
  aPolicy(`
  - path: group/shop
    id: 42
    review: {any_ref: true, settings: [default, ${explicit.join(', ')}], ${lists}}
    environments: {production: {app: shop, protected: true, domains: [my-branch.example.com.evil.test]}}`),
);

describe('a job to which the policy grants all settings', () => {
  test.each([
    'domains:set my-branch my-branch.example.com',
    'storage:mount my-branch /srv/shop:/data:ro',
    'storage:mount my-branch my-branch-up --container-dir /data --volume-readonly',
    'storage:create my-branch-up --chown 1000',
    'network:create shop-net',
    'network:set my-branch attach-post-create shop-net',
    'docker-options:add my-branch build,deploy --shm-size=256m',
    "nginx:set my-branch x-forwarded-for-value '$http_x_real_ip'",
    'letsencrypt:report --global --format json',
  ])('may send %s', (line) => {
    expect(judge(grants, line)).toMatchObject({ kind: 'allowed', line });
  });

  test.each([
    // Another app, or the whole host.
    'domains:set shop my-branch.example.com',
    'domains:set my-branch-2 my-branch.example.com',
    'domains:set --global my-branch.example.com',
    'domains:set-global my-branch.example.com',
    'domains:add my-branch my-branch.example.com',
    'nginx:set --global client-max-body-size 1m',
    'ps:scale --skip-deploy shop web=1',
    'ps:scale my-branch web=1 shop',
    'certs:add shop',
    'certs:add my-branch /etc/x.crt /etc/x.key',
    'certs:show my-branch key',
    'http-auth:report',
    'letsencrypt:set --global email a@b.example',
    'letsencrypt:cron-job --add',
    'scheduler-k3s:cluster-add ssh://x',
    'registry:login docker.io u p',
    'cron:run my-branch x',
    'plugin:trigger pre-deploy my-branch',
    // Domains.
    'domains:set my-branch my-branch.example.com shop.example.com',
    'domains:set my-branch *.example.com',
    "domains:set my-branch '*.example.com'",
    'domains:set my-branch MY-BRANCH.example.com',
    'domains:set my-branch my-branch.example.com.',
    'domains:set my-branch my-branch.example.com:80',
    'domains:set my-branch _',
    "domains:set my-branch '~^.*$'",
    "domains:set my-branch 'my-branch.example.com; server_name x'",
    'domains:set my-branch my-brаnch.example.com',
    // Mounts.
    'storage:mount my-branch /:/host',
    'storage:mount my-branch /srv/shop/link:/data',
    'storage:mount my-branch /srv/shop/../..:/data',
    'storage:mount my-branch /srv/shop/..:/data',
    'storage:mount my-branch //srv/shop:/data',
    'storage:mount my-branch /srv/shop/:/data',
    'storage:mount my-branch volume:/data',
    'storage:mount my-branch /srv/shop:/data:ro:/etc:/x',
    "storage:mount my-branch '/srv/shop:/data --privileged'",
    "storage:mount my-branch '/srv/shop:/$(id)'",
    "storage:mount my-branch '/srv/shop:/a;id'",
    'storage:mount my-branch other-up --container-dir /data',
    'storage:mount my-branch my-branch-up --container-dir /data/../../etc',
    'storage:mount my-branch legacy-my-branch --container-dir /data',
    'storage:create other-up',
    'storage:create my-branch-up --chown 0:0',
    'storage:create ../my-branch-up',
    'storage:destroy my-branch-up',
    'storage:unmount my-branch /srv/other:/data',
    'storage:ensure-directory my-branch',
    // Options of Docker.
    'docker-options:add my-branch deploy --privileged',
    "docker-options:add my-branch deploy '--shm-size=1 --privileged'",
    "docker-options:add my-branch deploy '--shm-size=1 -v'",
    "docker-options:add my-branch deploy '--shm-size=$(id)'",
    "docker-options:add my-branch deploy '--shm-size=1;id'",
    'docker-options:add my-branch deploy --shm-size=1 --privileged',
    'docker-options:add my-branch deploy,all --shm-size=1',
    'docker-options:remove my-branch deploy --memory=1g',
    'docker-options:clear my-branch',
    // Networks.
    'network:create blog-net',
    'network:set my-branch initial-network host',
    'network:set my-branch attach-post-create blog-net',
    'network:set --global attach-post-create shop-net',
    'network:destroy shop-net',
    'network:set my-branch static-web-listener 10.0.0.1:80',
    // Values.
    'ports:set my-branch http:80:5000:x',
    'ports:set my-branch tcp:22:22',
    "nginx:set my-branch client-max-body-size '1m;}'",
    "nginx:set my-branch access-log-path '/var/log/x; }'",
    'nginx:set my-branch proxy-read-timeout 1s1m;',
    'nginx:set my-branch unknown-key on',
    'git:set my-branch deploy-branch --help',
    'git:set my-branch rev-env-var DOKKU_DEPLOY_REVIEW',
    'git:set my-branch source-image x',
    'app-json:set my-branch appjson-path ../shop/app.json',
    'ps:set my-branch procfile-path /etc/passwd',
    'ps:set my-branch restart-policy always;id',
    'builder:set my-branch build-dir a/../../b',
    'builder-pack:set my-branch projecttoml-path x',
    'buildpacks:set --replace my-branch ext::sh',
    'buildpacks:set --replace my-branch file:///home/dokku/shop',
    'buildpacks:set --replace my-branch git@-oProxyCommand=id:x/y',
    'scheduler:set my-branch selected nomad',
    'scheduler-k3s:set my-branch kubeconfig-path /tmp/x',
    'http-auth:add-user my-branch team',
    'http-auth:add-user my-branch -x secret',
    'http-auth:add-user my-branch team -x',
    'http-auth:add-user my-branch a/b secret',
    'http-auth:add-allowed-ip my-branch all',
    'http-auth:add-allowed-ip my-branch 10.0.0.0/33',
    'http-auth:add-allowed-ip my-branch fe80::1%eth0',
    "http-auth:add-allowed-ip my-branch '10.0.0.1; deny all'",
    'letsencrypt:set my-branch server http://169.254.169.254/',
    'letsencrypt:set my-branch server file:///etc/passwd',
    'letsencrypt:set my-branch email -x@example.com',
    'resource:limit --memory 256 --memory 512 my-branch',
    'resource:limit --network-ingress 1 my-branch',
    'resource:limit --process-type --memory my-branch',
    'maintenance:custom-page my-branch',
  ])('may not send %s', (line) => {
    expect(judge(grants, line).kind).toBe('refused');
  });

  test('does not get by its name what the policy lists for an environment', () => {
    const policy = aPolicy(`
  - path: group/shop
    id: 42
    review: {any_ref: true, storage: [$APP-uploads, shared], networks: [$APP-net]}
    environments: {production: {app: shop-live, protected: true, storage: [old-uploads, shared], networks: [old-net]}}`);
    const old = grantsOf({ ref: 'old' }, policy);
    const kinds = [
      'storage:mount old old-uploads --container-dir /data',
      'network:set old initial-network old-net',
      'storage:mount old shared --container-dir /data',
    ].map((line) => judge(old, line).kind);
    expect(kinds).toEqual(['refused', 'refused', 'allowed']);
  });

  test('learns from a refusal which value the policy does not list', () => {
    expect(judge(grants, 'network:set my-branch initial-network host')).toMatchObject({
      reason: 'the policy does not list host in networks for my-branch',
    });
    expect(judge(grants, 'storage:mount my-branch /:/host')).toMatchObject({
      reason: 'the policy does not list / in storage for my-branch',
    });
  });
});
