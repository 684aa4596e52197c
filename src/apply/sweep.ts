import type { SweepStep } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import { ask, askAll, type HostAccess } from './ask.ts';
import type { StepResult } from './steps.ts';

/**
 * Removes the services of a removed app that another job created while it was being removed: no marker names them. If the
 * app exists again, they are in use. Throws what `ask` throws.
 */
export async function performSweep(step: SweepStep, hostAccess: HostAccess): Promise<StepResult> {
  const questions = [step.command, ...step.services.map(({ exists }) => exists)];
  const [app, ...answers] = await askAll(questions, hostAccess);
  const left = step.services.filter((_, index) => answers[index]?.kind === 'answered');
  if (left.length === 0) return { outcome: 'done' };
  if (app?.kind === 'answered') return { outcome: 'done', detail: 'another job has created the app again' };
  const removed: string[] = [];
  for (const { destroy, label } of left) {
    // Dokku refuses to destroy a service that is linked, so that of an app created right now is kept.
    if ((await ask(destroy, hostAccess, { timeLimit: limits.commandTime })).kind === 'answered')
      removed.push(label);
  }
  return { outcome: 'done', detail: `removed ${removed.join(', ') || 'nothing'}, left by another job` };
}
