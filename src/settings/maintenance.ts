import { z } from 'zod';
import { reportMaintenance, switchMaintenance } from '../dokku/maintenance.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readReport } from './report.ts';
import type { Setting } from './setting.ts';

interface Maintenance {
  readonly isOn: boolean;
  readonly isOptional: boolean;
}

const schema = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        enabled: z.boolean().describe('Whether the app is in maintenance.'),
        optional: z
          .literal(true)
          .optional()
          .describe('For review apps: true leaves it out on a host without the maintenance plugin.'),
      }),
    ],
    { error: 'expected true, false, or an object with enabled' },
  )
  .describe(
    'true: a page with status 503 is served instead of the app (the maintenance plugin); deploys go on. Default: false, which is also what an app goes back to.',
  );

/** `maintenance`: a page instead of the app. */
export const maintenance: Setting<z.infer<typeof schema>, Maintenance, boolean> = {
  key: 'maintenance',
  schema,
  resolve: (entry) =>
    typeof entry === 'boolean'
      ? { isOn: entry, isOptional: false }
      : { isOn: entry.enabled, isOptional: entry.optional === true },
  plugin: ({ isOptional }) => ({
    name: 'maintenance',
    url: 'https://github.com/dokku/dokku-maintenance.git',
    isOptional,
  }),
  questions: (app) => [reportMaintenance(app)],
  read: ([answer], app) => {
    // Without the plugin, no app is in maintenance.
    if (answer?.kind === 'refused' && classifyRefusal(answer) === 'unknown-command') return false;
    return readReport(answer, reportMaintenance(app)).get('enabled') === 'true';
  },
  declare: (current) => current || undefined,
  fresh: () => false,
  changes: (app, current, declared) => {
    const wanted = declared?.isOn ?? false;
    if (current === wanted) return [];
    return [
      {
        id: 'maintenance',
        title: wanted ? `Put ${app} into maintenance` : `End the maintenance of ${app}`,
        before: current ? 'on' : 'off',
        after: wanted ? 'on' : 'off',
        commands: [switchMaintenance(app, wanted)],
        // The page covers the deploy, too.
        phase: wanted ? 'before-deploy' : 'after-deploy',
        effect: 'at-once',
        repeat: 'an app that is so already stays so',
      },
    ];
  },
};
