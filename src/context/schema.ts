// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
import { z } from 'zod';
import { settings } from '../settings/settings.ts';
import { notificationTypes, urlVariables } from './chats.ts';
import { serviceOptions } from './service-schema.ts';
import { source, text } from './source-schema.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected text, a number, true or false',
});

const httpStatus = z.number().int().min(100).max(599);

const env = z
  .record(z.string(), scalar)
  .describe(
    'The app’s configuration. Values can use the job’s $VARIABLES, with defaults (`${NAME:-default}`), and $APP, the app’s name; write $$ for a dollar sign.',
  );

const envFiles = z
  .union([text, z.array(text)], { error: 'expected the path of a dotenv file, or a list of some' })
  .describe(
    'Dotenv files with more of the app’s configuration: paths in the repository, or file-type variables as $NAME. Values are taken as they are. Of two files, the later one counts; env overrides both.',
  );

const inherit = z
  .strictObject({
    app: text.describe('The app on the same host. Can use the job’s $VARIABLES.'),
    keys: z
      .array(text)
      .min(1)
      .describe('The keys of its configuration. A service’s URL cannot be inherited.'),
  })
  .describe(
    'Keys of another app’s configuration, for secrets that only the host has. The other app must allow each key: see app-configuration.md.',
  );

const service = z.union(
  [
    text.describe('A service plugin: mysql, mariadb, postgres, redis, mongo …'),
    z.strictObject({
      type: text.describe('The service plugin.'),
      name: text
        .optional()
        .describe(
          'The service’s name. For a review app it is appended to the app’s name, unless it contains a $VARIABLE.',
        ),
      image: text.optional().describe('The image of the service’s container.'),
      version: z.union([z.string(), z.number()]).optional().describe('The version (tag) of that image.'),
      env: env.optional().describe('Environment variables of the service’s container.'),
      as: text.optional().describe('The variable that holds the service’s URL, without _URL.'),
      options: serviceOptions.optional(),
    }),
  ],
  { error: 'expected the name of a service plugin, or an object with its type' },
);

const services = z
  .array(service)
  .describe('Services (databases) of the app. The list replaces the addons in app.json. See services.md.');
const app = text.describe(
  'The app’s name. Can use the job’s $VARIABLES. Default: the project’s name in production, else `<project>-<environment>`.',
);
const probe = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        path: text
          .refine(
            (path) => /^\/(?!\/)\S*$/.test(path),
            'expected a path that begins with one /, without spaces',
          )
          .optional()
          .describe('The path to request. Default: /'),
        status: z
          .union([httpStatus, z.array(httpStatus).min(1)], {
            error: 'expected a status (200) or a list of some',
          })
          .optional()
          .describe(
            'The status that the app must answer with, or several. Default: 200 to 399 with path or text, else any but 502, 503 and 504.',
          ),
        text: text
          .optional()
          .describe(
            'A text that the answer must contain in its first megabyte, such as $CI_COMMIT_SHORT_SHA. After rollback and promote, it is only checked if the version that runs is of the job’s own commit.',
          ),
        commit: text
          .refine(
            (place) => /^\/(?!\/)\S*$|^[A-Za-z0-9-]+$/.test(place),
            'expected the name of a header, or a path that begins with one /',
          )
          .optional()
          .describe(
            'Where the app names the commit that it runs: a header of its answer (X-Commit), or the path of a page that contains it (/version). The app can name the commit, or the GIT_REV that Dokku sets, in full or at least seven digits. The check passes only once this job’s version serves.',
          ),
        within: text
          .optional()
          .describe(
            'How long the app may take until it answers so: 90s, 5m … It is asked every second. Default: 20s',
          ),
        connect: z
          .union([z.boolean(), text])
          .optional()
          .describe(
            'Where to connect to while the name in the URL is not in DNS yet: a host, a host:port, or true for the Dokku host. The app is asked by its own name.',
          ),
      }),
    ],
    { error: 'expected true, false, or an object with path, status, text, commit, within or connect' },
  )
  .describe(
    'How the app’s URL is checked after a deploy. An app that does not answer within 20 seconds fails the job, although Dokku reports it as deployed. false: no check. An object: what the app must answer. Values can use the job’s $VARIABLES.',
  );

const host = text.describe('The Dokku host, as in DOKKU_HOST. Can use the job’s $VARIABLES.');

const notification = z.strictObject({
  type: z.enum(notificationTypes).describe('Where the notification is sent.'),
  url: text.optional().describe(
    `The webhook’s URL, as a $VARIABLE: it is a secret. Default ${Object.entries(urlVariables)
      .map(([chat, variable]) => `for ${chat}: $${variable}`)
      .join('; ')}.`,
  ),
  secret: text.optional().describe('webhook only: the key that signs its messages, as a $VARIABLE.'),
  smtp: text.optional().describe('mail only: the server. Default: $SMTP_URL.'),
  to: z
    .union([text, z.array(text)])
    .optional()
    .describe('mail only: the recipients. Default: $NOTIFY_EMAIL.'),
  from: text.optional().describe('mail only: the sender. Default: $NOTIFY_FROM.'),
  on: z
    .array(z.enum(['success', 'failure']))
    .optional()
    .describe('The outcomes to notify about. Default: both.'),
  environments: z
    .array(text)
    .optional()
    .describe(
      'The environments to notify about; `*` matches any part of a name. Default: every environment that deploy deploys to.',
    ),
});

const drift = z
  .enum(['keep', 'repair'])
  .describe(
    'What to do about a declared setting that someone has changed on the host since. keep (the default): it stays, and is reported by --dry-run and --check-drift. repair: the next deploy reverts it.',
  );

/** The settings, whose types only they know. */
const settingSchemas: Record<never, never> = Object.fromEntries(
  settings.map(({ key, schema }) => [key, schema.optional()]),
);

/** The keys of the top level that `review` and each environment override. */
const blockKeys = {
  services: services.optional(),
  env: env.optional(),
  env_files: envFiles.optional(),
  inherit: inherit.optional(),
  probe: probe.optional(),
  source: source.optional(),
  ...settingSchemas,
  drift: drift.optional(),
};
const rollback = z
  .boolean()
  .describe(
    'true: if the app does not answer as probe requires after deploy or promote, the job takes it back to the previous release, and still fails with exit code 5. The first deploy of an app is left as it is. Migrations are not undone.',
  );
const environmentKeys = {
  host: host.optional(),
  app: app.optional(),
  rollback: rollback.optional(),
  ...blockKeys,
};

const fileSchema = z
  .strictObject({
    ...environmentKeys,
    review: z
      .strictObject({
        name: text
          .optional()
          .describe(
            'The name of a review app. Default: $CI_COMMIT_REF_SLUG, which is appended to a name that all branches would share.',
          ),
        profile: z
          .enum(['preview', 'full'])
          .optional()
          .describe(
            'preview (the default): of app.json, a review app runs only the process web, and no cron. full: everything in app.json.',
          ),
        ...blockKeys,
      })
      .optional()
      .describe('For review apps only; overrides the top level.'),
    environments: z
      .record(z.string(), z.strictObject(environmentKeys))
      .optional()
      .describe(
        'Keys are names of environments (staging, production …) or patterns (production/*); each overrides the top level. An environment that matches none is refused.',
      ),
    notify: z
      .array(notification)
      .optional()
      .describe(
        'Where to send notifications about a run. The list replaces what the variables configure; [] turns notifications off.',
      ),
  })
  .describe('.dokku-deploy.yml. Every key is optional.');

/** The shape of `.dokku-deploy.yml`. */
export const configurationSchema = fileSchema;

export type Configuration = z.infer<typeof configurationSchema>;
/** The block of one environment, or of a family of them. */
export type EnvironmentBlock = NonNullable<Configuration['environments']>[string];
export type ServiceEntry = z.infer<typeof service>;
export type ProbeEntry = z.infer<typeof probe>;
export type NotificationEntry = z.infer<typeof notification>;

/** The JSON Schema of `.dokku-deploy.yml`, for editors. */
export function configurationJsonSchema(): unknown {
  return z.toJSONSchema(configurationSchema, { target: 'draft-7' });
}
