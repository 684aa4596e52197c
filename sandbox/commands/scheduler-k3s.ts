import { fail, parseWords } from '../host/answers.ts';
import { setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import { formatColumns } from '../host/columns.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { goJson } from '../host/report.ts';
import { hasCluster } from '../host/running-state.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp, withTarget } from '../host/with-app.ts';
import { type Property, type PropertyPlugin, propertyPlugin } from './properties.ts';

const wide = { own: false } as const;

const properties: readonly Property[] = [
  { key: 'cert-issuer-kind', computed: 'ClusterIssuer' },
  { key: 'cert-issuer-name', computed: '' },
  { key: 'deploy-timeout', computed: '300s' },
  { key: 'image-pull-secrets', computed: '' },
  { key: 'ingress-class', computed: 'nginx', ...wide },
  { key: 'kube-context', computed: '', ...wide },
  { key: 'kubeconfig-path', computed: '/etc/rancher/k3s/k3s.yaml', ...wide },
  { key: 'kustomize-root-path', computed: 'config/kustomize' },
  { key: 'letsencrypt-email-prod', computed: '' },
  { key: 'letsencrypt-email-stag', computed: '' },
  { key: 'letsencrypt-server', computed: 'prod' },
  { key: 'namespace', computed: 'default' },
  { key: 'network-interface', computed: 'eth0', ...wide },
  { key: 'node-sysctls-image', shown: 'busybox:1.36', ...wide },
  { key: 'node-sysctls-pause-image', shown: 'registry.k8s.io/pause:3.9', ...wide },
  { key: 'rollback-on-failure', computed: 'false' },
  { key: 'shm-size', computed: '' },
  { key: 'token', isSecret: true, ...wide },
];

const table: PropertyPlugin = { plugin: 'scheduler-k3s', bothKeys: true, properties };

const scopes = { valued: ['--process-type', '--resource-type'] } as const;

const noCluster = 'stat /etc/rancher/k3s/k3s.yaml: no such file or directory';

/**
 * Dokku's scheduler-k3s plugin. Without a cluster, settings are stored and everything else fails. `scheduler-k3s:initialize` only makes
 * the sandbox act as if there were one, of a single node: apps run as they do without it.
 */
export const schedulerK3s: Plugin = {
  ...propertyPlugin(table),
  'scheduler-k3s:annotations:report': createMapReport('annotations'),
  'scheduler-k3s:annotations:set': createMapSet('annotations'),
  'scheduler-k3s:autoscaling-auth:report': createMapReport('autoscaling-auth'),
  'scheduler-k3s:cluster:list': listNodes,
  'scheduler-k3s:initialize': initialize,
  'scheduler-k3s:labels:report': createMapReport('labels'),
  'scheduler-k3s:labels:set': createMapSet('labels'),
  'scheduler-k3s:preview': withApp(({ call }) =>
    fail(call, `Error fetching current release: Kubernetes cluster unreachable: ${noCluster}`),
  ),
  'scheduler-k3s:show-kubeconfig': (call: Call) =>
    fail(call, 'Kubeconfig file does not exist: /etc/rancher/k3s/k3s.yaml'),
};

function initialize(call: Call, { state }: SandboxHost): number {
  if (hasCluster(state)) return fail(call, 'k3s already installed, cannot re-initialize k3s');
  setProperty(state.global, 'scheduler-k3s', 'cluster', 'initialized');
  return 0;
}

const node = {
  Name: 'sandbox',
  Roles: ['control-plane', 'master'],
  Ready: true,
  RemoteHost: '',
  Version: 'v1.33.3+k3s1',
};

function listNodes(call: Call, { state }: SandboxHost): number {
  if (!hasCluster(state)) return fail(call, `Unable to create kubernetes client: ${noCluster}`);
  const { flags } = parseWords(call.words, { valued: ['--format'] });
  if (flags.get('--format') === 'json') call.out(`${JSON.stringify([node])}\n`);
  else
    call.out(
      formatColumns(
        [
          ['name', 'ready', 'roles', 'version'],
          [node.Name, String(node.Ready), node.Roles.join(','), node.Version],
        ],
        '  ',
      ),
    );
  return 0;
}

/** Returns the report of labels or annotations, which are stored by process type and resource type. */
function createMapReport(kind: string): Handler {
  return withApp(
    ({ call, app, flags }: AppRequest) => {
      const entries = readMap(app, kind);
      if (flags.get('--format') === 'json') call.out(`${goJson(Object.fromEntries(entries))}\n`);
      else {
        if (!call.quiet) call.out(`=====> ${app.name} ${kind} information\n`);
        for (const [key, value] of entries) call.out(`       ${`${key}:`.padEnd(31)}${value}\n`);
      }
      return 0;
    },
    { valued: ['--format'] },
  );
}

function readMap(app: App, kind: string): [string, string][] {
  const prefix = `scheduler-k3s.${kind}.`;
  return [...app.properties]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]): [string, string] => [key.slice(prefix.length), value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function createMapSet(kind: string): Handler {
  return withTarget(({ call, app, rest: [key = '', value = ''], flags }) => {
    if (key === '') return fail(call, 'No property specified');
    const { flags: scope } = parseWords(call.words, scopes);
    const type = scope.get('--resource-type') ?? flags.get('--resource-type') ?? '';
    if (type === '') return fail(call, 'Missing resource-type');
    const stored = `scheduler-k3s.${kind}.${scope.get('--process-type') || 'global'}.${type}.${key}`;
    if (value === '') app.properties.delete(stored);
    else app.properties.set(stored, value);
    return 0;
  }, scopes);
}
