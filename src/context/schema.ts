import { z } from 'zod';
import { notificationTypes } from './context.ts';

// YAML's plain numbers arrive as numbers. Where text is wanted (`app: 123`), they stand for their text, which is the same.
const text = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().trim().min(1),
);
const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected text, a number, true or false',
});

const env = z
  .record(z.string(), scalar)
  .describe('Configuration of the app. Values may use $VARIABLES of the job; $$ is a dollar.');

const service = z.union(
  [
    text.describe('A service plugin: mysql, mariadb, postgres, redis, mongo …'),
    z.strictObject({
      type: text.describe('The service plugin.'),
      name: text
        .optional()
        .describe(
          'The service’s name. For a review app it is put behind the app’s name, unless it holds a $VARIABLE.',
        ),
      image: text.optional().describe('The image of its container.'),
      version: z.union([z.string(), z.number()]).optional().describe('The version (tag) of that image.'),
      env: env.optional().describe('Environment of its container.'),
      as: text.optional().describe('The variable that gets its URL, without _URL.'),
    }),
  ],
  { error: 'expected the name of a service plugin, or an object with its type' },
);

const services = z
  .array(service)
  .describe('Services (databases) of the app. They come in the place of app.json’s addons.');
const app = text.describe('The app’s name. May use $VARIABLES of the job.');
const host = text.describe('The Dokku host, as in DOKKU_HOST.');

const notification = z.strictObject({
  type: z.enum(notificationTypes).describe('What it is sent to.'),
  url: text
    .optional()
    .describe(
      'The webhook’s address, as a $VARIABLE: it is a secret. For slack the default is $SLACK_WEBHOOK_URL.',
    ),
  secret: text
    .optional()
    .describe('webhook only: the key that its messages are signed with, as a $VARIABLE.'),
  smtp: text.optional().describe('mail only: the server; the default is $SMTP_URL.'),
  to: z
    .union([text, z.array(text)])
    .optional()
    .describe('mail only: the addresses; the default is $NOTIFY_EMAIL.'),
  from: text.optional().describe('mail only: the sender; the default is $NOTIFY_FROM.'),
  on: z
    .array(z.enum(['success', 'failure']))
    .optional()
    .describe('Which ends are told; the default is both.'),
  environments: z
    .array(text)
    .optional()
    .describe(
      'Which environments it is for, `*` for any part of a name; the default is what deploy deploys to.',
    ),
});

const fileSchema = z
  .strictObject({
    host: host.optional(),
    app: app.optional(),
    services: services.optional(),
    env: env.optional(),
    source: z
      .strictObject({
        history: z
          .enum(['snapshot', 'full'])
          .optional()
          .describe(
            'snapshot: one commit without parents, the default. full: the real commits; a shallow clone is deepened.',
          ),
        include: z
          .array(text)
          .optional()
          .describe(
            'Paths that are shipped besides what is committed: build output, LFS files, submodules that Dokku cannot fetch by itself (private ones).',
          ),
      })
      .optional()
      .describe('What is shipped.'),
    review: z
      .strictObject({
        name: text.optional().describe('The name of a review app; the default is $CI_COMMIT_REF_SLUG.'),
        services: services.optional(),
        env: env.optional(),
      })
      .optional()
      .describe('Review apps only; wins over the top.'),
    environments: z
      .record(
        z.string(),
        z.strictObject({
          host: host.optional(),
          app: app.optional(),
          services: services.optional(),
          env: env.optional(),
        }),
      )
      .optional()
      .describe('By the name of the environment (staging, production …); wins over the top.'),
    notify: z
      .array(notification)
      .optional()
      .describe(
        'Who is told of the end of a run. Comes in the place of what the variables say; [] tells nobody.',
      ),
  })
  .describe('.dokku-deploy.yml: all of it optional.');

/** The shape of `.dokku-deploy.yml`. */
export const configurationSchema = fileSchema;

export type Configuration = z.infer<typeof configurationSchema>;
export type ServiceEntry = z.infer<typeof service>;
export type NotificationEntry = z.infer<typeof notification>;

/** The JSON Schema of `.dokku-deploy.yml`, for editors. */
export function configurationJsonSchema(): unknown {
  return z.toJSONSchema(configurationSchema, { target: 'draft-7' });
}
