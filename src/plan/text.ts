import { displayCommand } from '../dokku/command.ts';
import type { Plan, Step } from './plan.ts';

/** A plan as text: what is done, with which command, and what it waits for. */
export function formatPlan(plan: Plan): string {
  const where = plan.host ? `on ${plan.host}` : 'on an empty host (none was asked)';
  const head = `Plan of ${plan.command} for the app ${plan.app} ${where}: ${plan.steps.length} steps`;
  const steps = plan.steps.flatMap((step, index) => [
    `${String(index + 1).padStart(3)}. ${step.title}`,
    `     ${formatStepCommand(step)}`,
    ...(step.needs.length > 0 ? [`     after: ${step.needs.join(', ')}`] : []),
  ]);
  const notes = plan.notes.map((note) => `  - ${note}`);
  return `${[head, ...steps, ...notes].join('\n')}\n`;
}

/** What a step sends to the host, as a person reads it; secrets by name only. */
export function formatStepCommand(step: Step): string {
  switch (step.kind) {
    case 'command':
    case 'configure':
    case 'create-service':
      return displayCommand(step.command);
    case 'ship':
      return `git-receive-pack '${step.app}' ${step.commit?.slice(0, 8) ?? 'HEAD'} -> refs/heads/${step.branch}`;
  }
}
