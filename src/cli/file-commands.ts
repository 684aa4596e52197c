import type { CliCommand } from './command.ts';
import { initFlags } from './init-flags.ts';
import { app, config, format, logFormat } from './shared-flags.ts';

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
    words: ['import'],
    usage: '<app>',
    summary: 'print the block of .dokku-deploy.yml that declares an app as it is on the host',
    flags: [
      {
        name: 'environment',
        value: 'name',
        about:
          'environment of the block (default: the suffix of the app’s name, such as staging, or else production)',
      },
      { name: 'host', value: 'address', about: 'address of the Dokku host (default: $DOKKU_HOST)' },
      { name: 'output', value: 'file', about: 'write it to this new file, instead of stdout' },
    ],
    run: async (world, args) => {
      const [{ importApp }, { readImportFlags }] = await Promise.all([
        import('../run/import-app.ts'),
        import('./read-import-flags.ts'),
      ]);
      return importApp(world, readImportFlags(args));
    },
  },
  {
    words: ['config', 'diff'],
    usage: '[environment]',
    summary:
      'print how an environment’s app differs from what is declared for it: configuration, services, settings',
    flags: [app, config, { name: 'exit-code', about: 'exit 10 if there are differences' }, format, logFormat],
    run: async (world, args) => {
      const [{ runCommand }, { readConfigDiffFlags }] = await Promise.all([
        import('../run/run-command.ts'),
        import('./read-import-flags.ts'),
      ]);
      return runCommand({ world, command: 'deploy', flags: readConfigDiffFlags(args) });
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
        import('./read-validate-flags.ts'),
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
