import { z } from 'zod';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { listClusterNodes } from '../dokku/scheduler.ts';
import { DeployError } from '../errors.ts';
import { findNearest } from '../problems.ts';
import type { Property, PropertyValues } from './properties.ts';
import { declaredValues, propertySetting } from './property-setting.ts';
import type { Guard, Setting, SettingResolver } from './setting.ts';

const schedulers = ['docker-local', 'k3s'];

const text = z.string().trim().min(1);

const label = text.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'expected a name of small letters, digits and dashes',
});

const mail = text.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, { error: 'expected an e-mail address' });

const k3s = z
  .strictObject({
    namespace: label.optional().describe('The namespace of the app. Default: default'),
    deploy_timeout: text
      .regex(/^[1-9]\d*[smh]$/, { error: 'expected a duration such as 300s or 10m' })
      .optional()
      .describe('How long a deploy may take. Default: 300s'),
    rollback_on_failure: z
      .boolean()
      .optional()
      .describe('Whether a failed deploy goes back to the previous release. Default: false'),
    image_pull_secrets: label
      .optional()
      .describe('The Kubernetes secret with which the cluster pulls the app’s image.'),
    letsencrypt_server: z
      .union([z.enum(['prod', 'staging']), z.literal(false)], { error: 'expected prod, staging or false' })
      .optional()
      .describe('The server of Let’s Encrypt for the app’s certificate; false for none. Default: prod'),
    letsencrypt_email_prod: mail.optional().describe('The e-mail address for the server prod.'),
    letsencrypt_email_stag: mail.optional().describe('The e-mail address for the server staging.'),
    cert_issuer_name: label
      .optional()
      .describe('An issuer of cert-manager that an operator has made, for the app’s certificate.'),
    cert_issuer_kind: z
      .enum(['Issuer', 'ClusterIssuer'])
      .optional()
      .describe('The kind of that issuer. Default: ClusterIssuer'),
    shm_size: text
      .regex(/^[1-9]\d*([KMGT]i?)?$/, { error: 'expected an amount such as 64Mi' })
      .optional()
      .describe('The size of /dev/shm.'),
  })
  .optional()
  .describe('Properties of the app on k3s.');

const schema = z
  .union(
    [
      text.describe('The scheduler alone.'),
      z.strictObject({ selected: text.optional().describe('docker-local (Dokku’s default) or k3s.'), k3s }),
    ],
    {
      error: 'expected docker-local, k3s, or an object with selected and k3s',
    },
  )
  .describe(
    'What runs the app’s processes: docker-local, or k3s on a host with a cluster. An unknown scheduler is refused, since Dokku would deploy nothing and report success. Counts from the next deploy.',
  );

type SchedulerEntry = z.infer<typeof schema>;

const k3sParts = {
  namespace: 'namespace',
  deploy_timeout: 'time limit of deploys',
  rollback_on_failure: 'rollback of failed deploys',
  image_pull_secrets: 'secret for pulling images',
  letsencrypt_server: 'server of Let’s Encrypt',
  letsencrypt_email_prod: 'e-mail address for Let’s Encrypt',
  letsencrypt_email_stag: 'e-mail address for Let’s Encrypt’s staging server',
  cert_issuer_name: 'issuer of certificates',
  cert_issuer_kind: 'kind of the issuer',
  shm_size: 'size of /dev/shm',
};

const properties = propertySetting<SchedulerEntry>({
  key: 'scheduler',
  schema,
  properties: [
    {
      part: 'selected',
      plugin: 'scheduler',
      property: 'selected',
      label: 'scheduler',
      effect: 'next-deploy',
    },
    ...Object.entries(k3sParts).map(
      ([part, label]): Property => ({
        part,
        plugin: 'scheduler-k3s',
        property: part.replaceAll('_', '-'),
        label: `${label} on k3s`,
        effect: 'next-deploy',
      }),
    ),
  ],
  resolve,
});

/** `scheduler`: what runs the app's processes. */
export const scheduler: Setting<SchedulerEntry, PropertyValues, PropertyValues> = {
  ...properties,
  declare: ({ selected = '', ...values }) => {
    const own = Object.entries(values).filter(([, value]) => value !== '');
    const k3s = own.map(([part, value]) => [part, value === 'true' || (value !== 'false' && value)] as const);
    const entry = {
      ...(selected === '' ? {} : { selected }),
      ...(k3s.length === 0 ? {} : { k3s: Object.fromEntries(k3s) }),
    };
    return Object.keys(entry).length === 0 ? undefined : schema.safeParse(entry).data;
  },
  guard: (app, declared) =>
    declared?.selected === 'k3s'
      ? { commands: [listClusterNodes()], check: createClusterCheck(app) }
      : undefined,
};

function resolve(entry: SchedulerEntry, resolver: SettingResolver): PropertyValues | undefined {
  if (typeof entry === 'string') return { selected: resolveScheduler(entry, '', resolver) };
  const values = Object.entries(entry.k3s ?? {}).map(([part, value]) => [part, String(value)] as const);
  return declaredValues({
    selected: entry.selected && resolveScheduler(entry.selected, 'selected', resolver),
    ...Object.fromEntries(values),
  });
}

function resolveScheduler(raw: string, at: string, resolver: SettingResolver): string {
  const name = resolver.text(raw, at).trim();
  if (schedulers.includes(name) || name.includes('$')) return name;
  const nearest = findNearest(name, schedulers);
  resolver.problem(
    at,
    `${JSON.stringify(name)} is not a scheduler of Dokku that runs an app`,
    nearest === undefined ? `Schedulers are ${schedulers.join(' and ')}.` : `Did you mean ${nearest}?`,
  );
  return name;
}

/** Without a cluster Dokku stores the scheduler, and each deploy fails at its end (facts-2, F60). */
function createClusterCheck(app: string): Guard['check'] {
  return ([answer]) => {
    if (answer?.kind !== 'refused') return;
    throw new DeployError('host-refused', {
      message: `The host has no k3s cluster, which the scheduler of ${app} needs.`,
      said: cleanHostOutput(answer.stderr),
      remedy:
        'Ask an operator to create one (dokku scheduler-k3s:initialize), or remove scheduler from .dokku-deploy.yml.',
    });
  };
}
