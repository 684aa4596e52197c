import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DeployError } from '../errors.ts';
import type { HostState } from './host-state.ts';
import type { Plan } from './plan.ts';
import { formatStepCommand } from './text.ts';

const savedPlanSchema = z.object({
  kind: z.literal('dokku-deploy plan'),
  version: z.literal(1),
  command: z.string(),
  app: z.string(),
  host: z.string(),
  steps: z.array(z.object({ id: z.string(), title: z.string(), command: z.string() })),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * A plan in a file. It holds no value of the app's configuration: the digest is of the whole plan and of everything that was
 * observed on the host, slow to compute and salted, so that a short secret cannot be guessed from it.
 */
export type SavedPlan = z.infer<typeof savedPlanSchema>;

interface ObservedPlan {
  readonly plan: Plan;
  readonly hostState: HostState;
  readonly host: string;
}

/** Makes the saved form of a plan. */
export function savePlan(observed: ObservedPlan): SavedPlan {
  const { plan, host } = observed;
  const salt = randomBytes(16).toString('hex');
  return {
    kind: 'dokku-deploy plan',
    version: 1,
    command: plan.command,
    app: plan.app,
    host,
    steps: listSteps(plan),
    salt,
    digest: computeDigest(observed, salt).toString('hex'),
  };
}

function listSteps({ steps }: Plan): SavedPlan['steps'] {
  return steps.map((step) => ({ id: step.id, title: step.title, command: formatStepCommand(step) }));
}

function computeDigest({ plan, hostState, host }: ObservedPlan, salt: string): Buffer {
  // The steps contain what follows from the answers about settings.
  const { order: _, added: __, settingAnswers: ___, ...state } = hostState;
  const { command, app } = plan;
  // Who runs the job is not part of the plan.
  const steps = plan.steps.map((step) => (step.kind === 'record' ? { ...step, release: undefined } : step));
  const text = JSON.stringify(toCanonical({ command, app, host, steps, state }));
  return scryptSync(createHash('sha256').update(text).digest(), Buffer.from(salt, 'hex'), 32);
}

/** Returns data whose JSON is the same for equal values: keys are sorted, and maps are lists of entries. */
function toCanonical(value: unknown): unknown {
  if (value instanceof Map) return { map: sortEntries([...value]) };
  if (Array.isArray(value)) return value.map(toCanonical);
  if (typeof value !== 'object' || value === null) return value;
  return sortEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

function sortEntries(entries: readonly (readonly [unknown, unknown])[]): unknown[] {
  return entries
    .map(([key, item]) => [String(key), toCanonical(item)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Formats a saved plan as the text of a file. */
export function formatSavedPlan(saved: SavedPlan): string {
  return `${JSON.stringify(saved, null, 2)}\n`;
}

/** Reads a saved plan. Returns undefined for any other text. */
export function parseSavedPlan(text: string): SavedPlan | undefined {
  try {
    return savedPlanSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Throws `plan-outdated` unless a plan that was made just now is the saved one, for a host in the same state. */
export function checkSavedPlan(saved: SavedPlan, observed: ObservedPlan): void {
  const { plan, host } = observed;
  const steps = listSteps(plan);
  const isSame = timingSafeEqual(Buffer.from(saved.digest, 'hex'), computeDigest(observed, saved.salt));
  if (isSame && JSON.stringify(steps) === JSON.stringify(saved.steps)) return;
  throw new DeployError('plan-outdated', {
    message: describeDifference(saved, plan, host),
    said: compareSteps(saved.steps, steps),
    remedy: 'Make the plan again (--dry-run --plan-out), look at it, and apply the new one.',
  });
}

function describeDifference(saved: SavedPlan, plan: Plan, host: string): string {
  if (saved.command !== plan.command || saved.app !== plan.app || saved.host !== host)
    return `The saved plan is for ${saved.command} of ${saved.app} on ${saved.host}, and this run is ${plan.command} of ${plan.app} on ${host}.`;
  return `The app ${plan.app}, its host or what is deployed has changed since the plan was saved. Nothing was changed.`;
}

/** Lists the steps that only one of the plans has. */
function compareSteps(before: SavedPlan['steps'], now: SavedPlan['steps']): string[] {
  const format = ({ title, command }: SavedPlan['steps'][number]) => `${title}: ${command}`;
  const [old, current] = [new Set(before.map(format)), new Set(now.map(format))];
  return [
    ...[...old].filter((line) => !current.has(line)).map((line) => `- ${line}`),
    ...[...current].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
