import { z } from 'zod';
import type { PropertyValues } from './properties.ts';
import { declaredValues, propertySetting } from './property-setting.ts';
import type { SettingResolver } from './setting.ts';

const text = z.string().trim().min(1);

const schema = z
  .strictObject({
    server: text.optional().describe('The registry’s host and port, as in the names of images.'),
    user: text.optional().describe('The user, for example that of a deploy token.'),
    password: text.optional().describe('The password, as a $VARIABLE: it is a secret.'),
    push_on_release: z
      .boolean()
      .optional()
      .describe(
        'Whether Dokku pushes the image of each release to the server, as a cluster needs it. Default: false',
      ),
    image_repo: text
      .optional()
      .describe(
        'The path of the pushed image at the server: group/shop. Default: dokku/ and the app’s name.',
      ),
  })
  .describe(
    'The image registry of the app. With user and password, the host logs in there and pulls the app’s images. The job’s own token is not suitable, since it ends with the job. With push_on_release, the host pushes each release. Values can use the job’s $VARIABLES.',
  );

/** The entry `registry`: the login is the context's, everything else a setting. */
export type RegistryEntry = z.infer<typeof schema>;

const labels = {
  server: 'registry',
  image_repo: 'path of the image',
  push_on_release: 'push of releases',
};

/** `registry`: where Dokku pushes the image of a release. */
export const registry = propertySetting<RegistryEntry>({
  key: 'registry',
  schema,
  properties: Object.entries(labels).map(([part, label]) => ({
    part,
    plugin: 'registry',
    property: part.replaceAll('_', '-'),
    label,
    effect: 'next-deploy',
  })),
  resolve,
});

/** The server is a property only for an app that pushes: an image that is pulled has it in its name. */
function resolve(entry: RegistryEntry, resolver: SettingResolver): PropertyValues | undefined {
  checkParts(entry, resolver);
  const { push_on_release, image_repo } = entry;
  const server = entry.server && resolveServer(entry.server, resolver);
  if (push_on_release === undefined && image_repo === undefined) return undefined;
  return declaredValues({
    server,
    image_repo: image_repo && resolveImageRepo(image_repo, resolver),
    push_on_release: push_on_release?.toString(),
  });
}

function checkParts(
  { server, user, password, push_on_release }: RegistryEntry,
  resolver: SettingResolver,
): void {
  const isLogin = user !== undefined || password !== undefined;
  if (server === undefined && (isLogin || push_on_release === true))
    resolver.problem('server', 'is missing', 'Write the registry’s host and port: registry.example.com.');
  if (server !== undefined && !isLogin && push_on_release === undefined)
    resolver.problem('user', 'is missing', 'Write user and password, or push_on_release.');
  if (isLogin && user === undefined)
    resolver.problem('user', 'is missing', 'A login has a user and a password.');
  if (isLogin && password === undefined)
    resolver.problem('password', 'is missing', 'A login has a user and a password.');
}

function resolveServer(raw: string, resolver: SettingResolver): string {
  const server = resolver.text(raw, 'server').trim();
  if (server !== '' && !server.includes('$') && !/^[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?$/.test(server))
    resolver.problem(
      'server',
      `${JSON.stringify(server)} is not the address of a registry`,
      'Write the host and port only, as images name it: registry.example.com, or docker.io.',
    );
  return server;
}

/**
 * Docker refuses other paths, at the end of the next deploy; Dokku stores any. A variable may be a project's path, which GitLab's
 * registry has in small letters.
 */
function resolveImageRepo(raw: string, resolver: SettingResolver): string {
  const text = resolver.text(raw, 'image_repo').trim();
  const path = raw.includes('$') ? text.toLowerCase() : text;
  const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  if (!path.includes('$') && !new RegExp(`^${component}(/${component})*$`).test(path))
    resolver.problem(
      'image_repo',
      `${JSON.stringify(path)} is not the path of an image`,
      'Write it without server and tag, in small letters: group/shop.',
    );
  return path;
}
