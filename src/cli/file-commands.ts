import type { CliCommand } from './command.ts';
import { config, format } from './shared-flags.ts';

/** The commands around the configuration file, in the order of the help. */
export const fileCommands: readonly CliCommand[] = [
  {
    words: ['validate'],
    summary:
      'check .dokku-deploy.yml, app.json and the Procfile for review apps and every environment, without a host',
    flags: [
      config,
      {
        name: 'report',
        value: 'kind=file',
        about: 'write the findings for the merge request, too (codequality=FILE)',
      },
      format,
    ],
    run: async (world, { flags }) => {
      const [{ validate }, { readValidateFlags }] = await Promise.all([
        import('../run/validate.ts'),
        import('./validate-flags.ts'),
      ]);
      return validate(world, readValidateFlags(flags));
    },
  },
  {
    words: ['schema'],
    usage: '[config|events]',
    summary: 'print the JSON Schema of .dokku-deploy.yml (config) or of --log-format json (events)',
    flags: [],
    run: async (world, args) => {
      const { schemaCommand } = await import('./schema.ts');
      return schemaCommand(world, args);
    },
  },
];
