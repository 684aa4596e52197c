import { z } from 'zod';
import { text } from '../context/source-schema.ts';
import { namedSettings } from './setting-names.ts';

const pattern = text.describe('A name, or a pattern in which * stands for any characters.');
const patterns = z.union([pattern, z.array(pattern).min(1)], { error: 'expected a name or a list of names' });

const serviceLabel = text.refine(
  (label) => /^[a-z]+:[$A-Za-z0-9][$A-Za-z0-9_-]*$/.test(label),
  'expected PLUGIN:NAME, in which $APP stands for the app’s name',
);
const services = z
  .array(serviceLabel)
  .describe(
    'Services of the app whose names are not the default ones (APP-database, APP-redis, APP-redis-2 …): PLUGIN:NAME. $APP in NAME is the app’s name.',
  );

const loadsImages = z
  .boolean()
  .describe(
    'Allows git:load-image, which replaces any image on the host that the archive names, those of other apps too.',
  );

const settings = z
  .array(z.enum(['default', ...namedSettings]))
  .describe(
    'The settings of .dokku-deploy.yml that jobs may change: default, and others by their names. Default: [default]',
  );
const domains = z
  .array(pattern)
  .describe(
    'The domains that the app may have, besides its default ones. $APP is the app’s name. One without * is reserved for its environment.',
  );
const ownName = pattern.refine(
  (source) => !/\$APP.*\*/.test(source),
  'a * after $APP matches the names of other apps: a-* those of an app a-b',
);
const storage = z
  .array(
    ownName.refine(
      (source) => !source.startsWith('/') || !source.includes('*'),
      'a folder of the host cannot have a *: an app could make a link to any other folder there',
    ),
  )
  .describe(
    'The storage entries (patterns) and folders of the host that may be mounted. $APP is the app’s name.',
  );
const settingKeys = {
  settings: settings.optional(),
  domains: domains.optional(),
  storage: storage.optional(),
  networks: z
    .array(ownName)
    .optional()
    .describe('The networks that the app may join, and that may be created.'),
  docker_options: z
    .array(pattern)
    .optional()
    .describe('The options of Docker that may be set: --shm-size=*. Many give the whole host to the app.'),
};

const review = z
  .strictObject({
    any_ref: z.boolean().optional().describe('Every branch and tag may have a review app.'),
    refs: patterns.optional().describe('The branches and tags that may have one, instead of any_ref.'),
    merge_requests: z
      .boolean()
      .optional()
      .describe(
        'Merge request pipelines may, too. A token does not show whether the branch is one of a fork, so leave it out where forks exist.',
      ),
    name: text
      .optional()
      .describe('review.name of the project’s .dokku-deploy.yml, if it has one: the apps are named by it.'),
    max: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('How many review apps the project may have at once, counted by their marks.'),
    services: services.optional(),
    load_images: loadsImages.optional(),
    ...settingKeys,
  })
  .refine(({ any_ref, refs }) => any_ref === true || refs !== undefined, 'needs any_ref: true, or refs')
  .describe('The review apps: only those that dokku-deploy names for the job’s own project and ref.');

const environment = z
  .strictObject({
    app: text.describe('The app’s name on the host.'),
    ref: patterns.optional().describe('Only jobs of these branches may deploy to it.'),
    tag: patterns.optional().describe('Only jobs of these tags may deploy to it; with ref, either will do.'),
    protected: z.literal(true).optional().describe('Only jobs of protected branches and tags may.'),
    any_ref: z.literal(true).optional().describe('Jobs of every branch and tag may.'),
    from: z
      .array(text)
      .optional()
      .describe('The environments of the project that it may be promoted from: their apps can be read.'),
    services: services.optional(),
    load_images: loadsImages.optional(),
    ...settingKeys,
  })
  .refine(
    (one) => one.ref !== undefined || one.tag !== undefined || one.protected || one.any_ref,
    'needs ref, tag, protected: true or any_ref: true: any branch’s job can name any environment',
  );

const project = z
  .strictObject({
    path: text.describe('The project’s path in GitLab: group/project.'),
    id: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Its id, which stays when it is renamed. The custom executor needs it.'),
    review: review.optional(),
    inside: z
      .array(z.literal('review'))
      .min(1)
      .optional()
      .describe(
        'Where jobs may run scripts: review stands for one-off containers of the job’s own review app, which reach its services.',
      ),
    pass: patterns
      .optional()
      .describe(
        'For the custom executor: variables of the project or group that such a script gets, besides public ones. Everyone who may use Dokku can read them.',
      ),
    environments: z.record(z.string(), environment).optional().describe('By the name of the environment.'),
  })
  .describe('A project and what its jobs may do. A job of any other project may do nothing.');

/** What the file of `dokku-deploy gate --policy` may contain. */
export const policySchema = z.strictObject({
  host: z
    .strictObject({
      address: text.describe('The Dokku host, as in DOKKU_HOST.'),
      key: text.describe('Path of the private key.'),
      known_hosts: text.describe('Path of the known_hosts file with the host’s key.'),
      connections: z
        .number()
        .int()
        .min(1)
        .max(20)
        .optional()
        .describe('How many connections may be open at once, each with eight commands. Default: 4'),
      apps_folder: text
        .optional()
        .describe('Dokku’s folder with the apps’ repositories, for promote. Default: /home/dokku'),
    })
    .describe('The Dokku host, and how to log in there.'),
  listen: z
    .strictObject({
      address: text.describe('Where jobs connect to: ADDRESS:PORT, or unix:/PATH of a socket.'),
      host_key: text.describe('Path of the gate’s own private host key (ssh-keygen -t ed25519).'),
    })
    .optional()
    .describe('The gate as a daemon. Its jobs log in with an ID token.'),
  gitlab: z
    .strictObject({
      url: text.describe('GitLab’s URL, which is the issuer of its ID tokens.'),
      audience: text.optional().describe('`aud` of the jobs’ id_tokens. Default: dokku-deploy'),
    })
    .optional()
    .describe('Whose ID tokens are accepted.'),
  executor: z
    .strictObject({
      run_as: text.describe('The user that the scripts of jobs run as. Not root, and one for each runner.'),
      state: text.optional().describe('The folder for the files of jobs. Default: /run/dokku-deploy'),
      path: text.optional().describe('PATH of the scripts. Default: /usr/local/bin:/usr/bin:/bin'),
      audit: text.optional().describe('The file to which the audit is appended.'),
    })
    .optional()
    .describe('The driver for GitLab Runner’s custom executor.'),
  service_plugins: z
    .array(text.refine((name) => /^[a-z]+$/.test(name), 'expected the name of a plugin'))
    .optional()
    .describe('Service plugins besides Dokku’s own ones.'),
  projects: z.array(project).min(1).describe('Who may do what.'),
});

export type PolicyFile = z.infer<typeof policySchema>;
export type ProjectPolicy = z.infer<typeof project>;
export type SettingPolicy = z.infer<z.ZodObject<typeof settingKeys>>;
export type ReviewPolicy = z.infer<typeof review>;
export type EnvironmentPolicy = z.infer<typeof environment>;
