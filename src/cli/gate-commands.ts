import type { CliCommand, Flag } from './command.ts';
import type { ExecutorCall } from './executor.ts';
import { format } from './shared-flags.ts';

const policy: Flag = { name: 'policy', value: 'file', about: 'the policy: which job may do what' };

/** The commands of the gate, for the machine that holds the deploy key. */
export const gateCommands: readonly CliCommand[] = [
  {
    words: ['gate'],
    summary: 'run the gate: jobs connect to it instead of to the host, and each may do what a policy allows',
    flags: [policy],
    run: async (world, args) => {
      const { gateCommand } = await import('./gate.ts');
      return gateCommand(world, args);
    },
  },
  {
    words: ['gate', 'check'],
    summary: 'print what a policy allows a job to do',
    flags: [
      policy,
      {
        name: 'identity',
        value: 'json',
        about: 'claims of the job’s ID token: JSON, or the path of a JSON file',
      },
      format,
    ],
    run: async (world, args) => {
      const { gateCheckCommand } = await import('./gate-check.ts');
      return gateCheckCommand(world, args);
    },
  },
  {
    words: ['gate', 'audit'],
    usage: '[file]',
    summary:
      'print what jobs did and what was refused, from the lines that a gate wrote (default: standard input)',
    flags: [
      { name: 'project', value: 'path', about: 'only commands of this project' },
      { name: 'app', value: 'name', about: 'only commands for this app' },
      { name: 'user', value: 'name', about: 'only commands of jobs that this user started' },
      { name: 'since', value: 'time', about: 'only commands since this time, e.g. 2026-11-26T12:00:00Z' },
      { name: 'refused', about: 'only commands that were refused or failed' },
      format,
    ],
    run: async (world, args) => {
      const { gateAuditCommand } = await import('./gate-audit.ts');
      return gateAuditCommand(world, args);
    },
  },
  {
    words: ['gate', 'health'],
    summary: 'exit 0 if the gate of a policy answers on this machine, else 3',
    flags: [policy],
    run: async (world, args) => {
      const { gateHealthCommand } = await import('./gate.ts');
      return gateHealthCommand(world, args);
    },
  },
  executorCommandEntry('config', 'print the settings of a job for GitLab Runner, as JSON'),
  executorCommandEntry('prepare', 'create the folders of a job'),
  executorCommandEntry(
    'run',
    'run a stage of a job as another user, with a gate of its own',
    '<script> <stage>',
  ),
  executorCommandEntry('cleanup', 'end the processes of a job and remove its folders'),
];

function executorCommandEntry(name: ExecutorCall, summary: string, usage?: string): CliCommand {
  return {
    words: ['executor', name],
    ...(usage === undefined ? {} : { usage }),
    summary,
    flags: [policy],
    run: async (world, args) => {
      const { executorCommand } = await import('./executor.ts');
      return executorCommand(name, world, args);
    },
  };
}
