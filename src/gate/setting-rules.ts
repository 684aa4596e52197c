import type { Rule } from './rule.ts';
import type { SettingName } from './setting-names.ts';

/** What dokku-deploy asks about the settings of an app. It shows nothing of other apps. */
export const settingQuestions: readonly Rule[] = [
  { words: 'network:list --format json', effect: 'list', shows: 'networks' },
  { words: 'storage:list-entries --format json', effect: 'list', shows: 'entries' },
  ...[
    'app-json:report APP --app-json-appjson-path',
    'builder-dockerfile:report APP --format json',
    'builder:report APP --format json',
    'buildpacks:report APP --format json',
    'certs:show APP crt',
    'checks:report APP --format json',
    'git:report APP --format json',
    'http-auth:report APP',
    'http-auth:show-config APP',
    'letsencrypt:report APP --format json',
    'maintenance:report APP --format json',
    'network:report APP --format json',
    'nginx:report APP --format json',
    'proxy:report APP --format json',
    'ps:report APP --ps-can-scale',
    'ps:report APP --ps-procfile-path',
    'ps:report APP --ps-restart-policy',
    'ps:report APP --ps-stop-timeout-seconds',
    'registry:report APP --format json',
    'resource:report APP --format json',
    'scheduler-k3s:report APP --format json',
    'scheduler:report APP --format json',
    'storage:report APP --format json',
  ].map((words): Rule => ({ words, effect: 'read' })),
];

/** What changes a setting, by the settings of the policy of which one is needed. Without APP, it is about the whole host. */
export const settingRules: readonly Rule[] = [
  ...rules(['domains'], ['domains:set APP DOMAIN…', 'domains:clear APP', 'domains:reset APP']),
  ...rules(['scale'], ['ps:scale --skip-deploy APP SCALE…', 'ps:scale APP SCALE…']),
  ...rules(
    ['checks'],
    [
      'checks:enable APP',
      'checks:disable APP [TYPES]',
      'checks:skip APP [TYPES]',
      'checks:set APP wait-to-retire [NUMBER]',
    ],
  ),
  ...rules(['restart'], ['ps:set APP restart-policy [RESTART]', 'ps:set APP stop-timeout-seconds [NUMBER]']),
  ...rules(
    ['git'],
    [
      'git:set APP deploy-branch [BRANCH]',
      'git:set APP keep-git-dir [BOOLEAN]',
      'git:set APP rev-env-var [VARIABLE]',
    ],
  ),
  ...rules(['paths'], ['app-json:set APP appjson-path [PATH]', 'ps:set APP procfile-path [PATH]']),
  ...rules(
    ['builder'],
    [
      'builder:set APP selected [BUILDER]',
      'builder:set APP build-dir [PATH]',
      'builder-dockerfile:set APP dockerfile-path [PATH]',
    ],
  ),
  ...rules(['ports', 'all_ports'], ['ports:set APP WEBPORT…', 'ports:clear APP']),
  ...rules(['all_ports'], ['ports:set APP PORT…']),
  ...rules(
    ['basic_auth', 'allowed_ips'],
    [
      'http-auth:enable APP',
      'http-auth:disable APP',
      'http-auth:add-allowed-ip APP ADDRESS',
      'http-auth:remove-allowed-ip APP ADDRESS',
    ],
  ),
  ...rules(['basic_auth'], ['http-auth:add-user APP LOGIN LOGINPASSWORD', 'http-auth:remove-user APP LOGIN']),
  ...rules(
    ['nginx', 'all_nginx'],
    [
      'proxy:build-config APP',
      'nginx:set APP client-max-body-size [SIZE]',
      ...[
        'client-body',
        'client-header',
        'keepalive',
        'lingering',
        'proxy-connect',
        'proxy-read',
        'proxy-send',
        'send',
      ].map((name) => `nginx:set APP ${name}-timeout [TIME]`),
      'nginx:set APP proxy-buffering [SWITCH]',
      'nginx:set APP underscore-in-headers [SWITCH]',
      'nginx:set APP hsts [BOOLEAN]',
      'nginx:set APP hsts-max-age [NUMBER]',
      'nginx:set APP proxy-keepalive [NUMBER]',
    ],
  ),
  ...rules(['all_nginx'], ['nginx:set APP NGINXKEY [NGINXVALUE]']),
  ...rules(['maintenance'], ['maintenance:enable APP', 'maintenance:disable APP']),
  ...rules(['proxy'], ['proxy:set APP type [PROXY]', 'proxy:enable APP', 'proxy:disable APP']),
  ...rules(['buildpacks'], ['buildpacks:set --replace APP BUILDPACK…', 'buildpacks:clear APP']),
  ...rules(
    ['resources'],
    ['limit', 'reserve'].map(
      (kind) =>
        `resource:${kind} [--cpu AMOUNT] [--memory AMOUNT] [--memory-swap AMOUNT] [--nvidia-gpu AMOUNT] [--process-type TYPE] APP`,
    ),
  ),
  ...rules(
    ['registry'],
    [
      'registry:set APP server [SERVER]',
      'registry:set APP image-repo [REPOSITORY]',
      'registry:set APP push-on-release [BOOLEAN]',
    ],
  ),
  ...rules(['scheduler'], ['scheduler:set APP selected [SCHEDULER]', 'scheduler-k3s:set APP K3S [K3SVALUE]']),
  ...rules(['scheduler'], ['scheduler-k3s:cluster:list --format json'], 'read'),
  { words: 'certs:add APP', effect: 'write', settings: ['tls'], input: 'certificate' },
  ...rules(
    ['tls'],
    [
      'certs:remove APP',
      'letsencrypt:set APP email [MAIL]',
      'letsencrypt:set APP server [AUTHORITY]',
      'letsencrypt:enable APP',
      'letsencrypt:disable APP',
    ],
  ),
  ...rules(['tls'], ['letsencrypt:report --global --format json'], 'read'),
  ...rules(
    ['storage'],
    [
      'storage:create ENTRY [--chown OWNER]',
      'storage:mount APP ENTRY --container-dir MOUNTPATH [--volume-readonly]',
      'storage:unmount APP ENTRY --container-dir MOUNTPATH',
      'storage:mount APP BIND',
      'storage:unmount APP BIND',
    ],
  ),
  ...rules(
    ['network'],
    [
      'network:create NETWORK',
      'network:set APP NETWORKPART [NETWORK]',
      'network:set APP tld [DOMAIN]',
      'network:set APP bind-all-interfaces [BOOLEAN]',
    ],
  ),
  ...rules(
    ['docker_options'],
    ['docker-options:add APP PHASES OPTION', 'docker-options:remove APP PHASES OPTION'],
  ),
];

function rules(
  settings: readonly SettingName[],
  lines: readonly string[],
  effect: Rule['effect'] = 'write',
): Rule[] {
  return lines.map((words) => ({ words, effect, settings }));
}
