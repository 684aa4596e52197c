import { ownProperty, setProperty } from '../host/app-properties.ts';
import { fail, type Release } from './release.ts';

/**
 * Pushes the released image to the app's registry if `registry:set push-on-release` asks for that. The sandbox has no
 * image to push and reaches no registry, so the deploy ends here, as it does on a host whose registry is down.
 */
export function pushToRegistry(release: Release): void {
  const { app, out, err } = release;
  const value = (key: string): string =>
    ownProperty(app, 'registry', key) || ownProperty(release.state.global, 'registry', key);
  if (value('push-on-release') !== 'true') return;
  const version = Number(ownProperty(app, 'registry', 'tag-version') || 0) + 1;
  const repository = ownProperty(app, 'registry', 'image-repo') || `dokku/${app.name}`;
  const extra = value('push-extra-tags')
    .split(',')
    .filter((tag) => tag !== '');
  const server = value('server').replace(/\/$/, '');
  const image = server === '' ? repository : `${server}/${repository}`;
  out('-----> Pushing image to registry');
  out(`       Bumping tag to ${version}`);
  setProperty(app, 'registry', 'tag-version', String(version));
  out('       Retrieving image info for app');
  out(`       Tagging ${repository}:${version} in registry format`);
  const [tag] = extra;
  if (tag !== undefined) out(`       Tagging ${repository} as ${tag} in registry format`);
  out(`       Pushing ${image}:${tag ?? version}`);
  out(`The push refers to repository [${image}]`);
  const host = server === '' ? 'registry.invalid' : server;
  const why = `Get "https://${host}/v2/": dial tcp: lookup ${host.split(':')[0]}: no such host`;
  err(why);
  if (tag !== undefined) out(`       Untagging extra tag ${tag}`);
  const what = tag === undefined ? `${image}:${version}` : `with ${tag} tag`;
  fail(release, `unable to push image ${what}: docker image push command failed: ${why}\n`);
}
