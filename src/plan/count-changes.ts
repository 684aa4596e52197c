import type { Plan, Step } from './plan.ts';

/** How many things a plan changes on the host. */
export interface ChangeCounts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

/** Counts what a plan creates, updates and deletes: apps and services, and the steps that change them. */
export function countChanges({ steps }: Pick<Plan, 'steps'>): ChangeCounts {
  const kinds = steps.map(classifyStep);
  const count = (kind: keyof ChangeCounts) => kinds.filter((one) => one === kind).length;
  return { create: count('create'), update: count('update'), delete: count('delete') };
}

/** Returns what a step does; undefined for one that only checks or records what another has done. */
function classifyStep(step: Step): keyof ChangeCounts | undefined {
  switch (step.kind) {
    case 'create-service':
      return 'create';
    case 'remove-app':
      return 'delete';
    case 'configure':
    case 'setting':
    case 'ship':
      return 'update';
    case 'confirm':
    case 'sweep':
    case 'mark-settings':
    case 'record':
    case 'check':
      return undefined;
    case 'command':
      return classifyCommand(step.command.words[0]);
  }
}

function classifyCommand(word: unknown): keyof ChangeCounts {
  const name = typeof word === 'string' ? word : '';
  if (/:create$/.test(name)) return 'create';
  return /:destroy$/.test(name) ? 'delete' : 'update';
}
