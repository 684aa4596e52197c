import type { CliCommand } from './command.ts';
import { initFlags } from './init-flags.ts';
import { config, format } from './shared-flags.ts';

/** The commands around the configuration file, in the order of the help. */
export const fileCommands: readonly CliCommand[] = [
  {
    words: ['init'],
    summary: 'set a project up: write .dokku-deploy.yml and .gitlab-ci.yml, and print what is left to do',
    flags: initFlags,
    run: async (world, args) => {
      const [{ init }, { readInitFlags }] = await Promise.all([
        import('../run/init.ts'),
        import('./read-init-flags.ts'),
      ]);
      return init(world, readInitFlags(args));
    },
  },
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
