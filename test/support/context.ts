import type { Context, ServiceSpec } from '../../src/context/context.ts';
import { targets } from '../../src/context/target.ts';
import { Secret } from '../../src/secret.ts';

/** A minimal service. */
export const database = (name = 'my-branch-database', plugin = 'mysql'): ServiceSpec => ({
  plugin,
  name,
  env: {},
});

/** A minimal valid context: a review app without services or configuration. `more` overrides its fields. */
export const aContext = (more: Partial<Context> = {}): Context => ({
  command: 'review start',
  ...targets[more.command ?? 'review start'],
  access: undefined,
  project: { id: '42', path: 'group/shop' },
  ref: 'my-branch',
  environment: 'review/my-branch',
  app: 'my-branch',
  formerNames: [],
  services: [],
  config: [],
  settings: [],
  drift: 'keep',
  looksForDrift: false,
  declaredEnv: [],
  vault: new Map(),
  addressValues: [],
  source: {
    folder: '.',
    history: 'snapshot',
    include: [],
    commit: '0123456789abcdef0123456789abcdef01234567',
    committedAt: undefined,
    extra: {},
  },
  shipment: { kind: 'commit' },
  registry: undefined,
  rebuild: false,
  allowOlder: false,
  probe: undefined,
  superseded: 'fail',
  takeOver: false,
  duringLock: false,
  lockReason: undefined,
  goesBack: false,
  release: undefined,
  promotion: undefined,
  waitSeconds: 900,
  createMissing: true,
  copyFrom: undefined,
  isExact: false,
  job: {
    commit: undefined,
    url: undefined,
    pipelineUrl: undefined,
    projectUrl: undefined,
    user: undefined,
    autoStopIn: undefined,
    afterMerge: undefined,
    merged: undefined,
  },
  notifications: [],
  mergeRequest: undefined,
  loginHint: undefined,
  changedPages: [],
  warnings: [],
  notes: [],
  ...more,
});

/** A vault with configuration values by key. */
export const makeVault = (config: Readonly<Record<string, string>>): ReadonlyMap<string, Secret> =>
  new Map(
    Object.entries(config).map(([key, value]) => [`config.${key}`, new Secret(`config.${key}`, value)]),
  );
