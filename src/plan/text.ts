import { displayCommand } from '../dokku/command.ts';
import { syncApp } from '../dokku/git-sync.ts';
import { fromImage, loadImage } from '../dokku/images.ts';
import { plannedRecordWrite } from './deploy-record.ts';
import type { CheckStep, Plan, ShipStep, Step } from './plan.ts';

/** Formats a plan as text: each step's title, its command, and the steps that it waits for. */
export function formatPlan(plan: Plan): string {
  const where = plan.host ? `on ${plan.host}` : 'on an empty host (no host was asked)';
  const head = `Plan of ${plan.command} for the app ${plan.app} ${where}: ${formatCount(plan.steps.length)}`;
  const steps = plan.steps.flatMap((step, index) => [
    `${String(index + 1).padStart(3)}. ${step.title}`,
    ...(step.kind === 'setting' ? [`     ${step.before} → ${step.after}`] : []),
    `     ${formatStepCommand(step)}`,
    ...(step.needs.length > 0 ? [`     after: ${step.needs.join(', ')}`] : []),
  ]);
  const notes = [...(plan.warnings ?? []), ...plan.notes].map((note) => `  - ${note}`);
  return `${[head, ...steps, ...notes].join('\n')}\n`;
}

function formatCount(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}

/** Formats what a step sends to the host, for people; secrets appear by name only. */
export function formatStepCommand(step: Step): string {
  switch (step.kind) {
    case 'command':
    case 'configure':
    case 'create-service':
    case 'confirm':
    case 'remove-app':
    case 'sweep':
    case 'mark-settings':
      return displayCommand(step.command);
    case 'setting':
      return step.commands.map(displayCommand).join('; ');
    case 'record':
      return displayCommand(plannedRecordWrite(step.app, step.release !== undefined).command);
    case 'check':
      return formatProbe(step);
    case 'ship':
      return formatShipment(step);
  }
}

function formatShipment({ app, branch, commit, shipment }: ShipStep): string {
  switch (shipment.kind) {
    case 'commit':
      return `git-receive-pack '${app}' ${commit?.slice(0, 8) ?? 'HEAD'} -> refs/heads/${branch}`;
    case 'image':
      return displayCommand(fromImage(app, shipment.image));
    case 'image-archive':
      return displayCommand(loadImage(app, shipment.image));
    case 'transfer':
      return `git-upload-pack '${shipment.from}' ${shipment.revision} | git-receive-pack '${app}' -> refs/heads/${branch}`;
    case 'sync':
      return displayCommand(syncApp(app, shipment.folder, shipment.revision));
  }
}

function formatProbe({ app, probe }: CheckStep): string {
  const { path, status, text, connect } = probe;
  const expected = [
    ...(typeof status === 'string' ? [] : [status.join(' or ')]),
    ...(text === undefined ? [] : ['a text']),
  ];
  const at = connect === undefined ? '' : ` at ${connect.host}${connect.port ? `:${connect.port}` : ''}`;
  const page = path === '/' ? `the URL of ${app}` : `${path} of ${app}`;
  return `GET ${page}${at}${expected.length > 0 ? ` -> ${expected.join(' with ')}` : ''}`;
}
