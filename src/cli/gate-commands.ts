import type { CliCommand, Flag } from './command.ts';

const policy: Flag = { name: 'policy', value: 'file', about: 'the policy: which job may do what' };
const format: Flag = {
  name: 'format',
  value: 'format',
  choices: ['text', 'json'],
  about: 'format of the result on stdout',
};

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
    summary: 'print what a policy allows to a job',
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
];
