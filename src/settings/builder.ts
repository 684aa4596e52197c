import { z } from 'zod';
import { isProjectFolder } from '../environment/source-folders.ts';
import { findNearest } from '../problems.ts';
import type { Property, PropertyValues } from './properties.ts';
import { declaredValues, propertySetting } from './property-setting.ts';
import type { SettingResolver } from './setting.ts';

const builders = ['dockerfile', 'herokuish', 'lambda', 'nixpacks', 'null', 'pack', 'railpack'];

const text = z.string().trim().min(1);

const schema = z
  .union(
    [
      text.describe('The builder alone.'),
      z.strictObject({
        selected: text
          .optional()
          .describe(`The builder: ${builders.join(', ')}. Default: the one that Dokku detects.`),
        build_dir: text
          .optional()
          .describe(
            'The folder of the app within what is shipped: Dokku builds it as if it were everything.',
          ),
        dockerfile_path: text
          .optional()
          .describe('The path of the Dockerfile within what is shipped. Default: Dockerfile.'),
      }),
    ],
    { error: 'expected the name of a builder, or an object with selected, build_dir or dockerfile_path' },
  )
  .describe(
    'How Dokku builds the app. An unknown builder is refused, since Dokku would deploy the old image and report success. Counts from the next deploy.',
  );

type BuilderEntry = z.infer<typeof schema>;

const properties: readonly Property[] = [
  {
    part: 'selected',
    plugin: 'builder',
    property: 'selected',
    label: 'builder',
    effect: 'next-deploy',
  },
  {
    part: 'build_dir',
    plugin: 'builder',
    property: 'build-dir',
    label: 'folder of the build',
    effect: 'next-deploy',
  },
  {
    part: 'dockerfile_path',
    plugin: 'builder-dockerfile',
    property: 'dockerfile-path',
    label: 'path of the Dockerfile',
    effect: 'next-deploy',
  },
];

/** `builder`: the builder, the folder that it builds, and the path of the Dockerfile. */
export const builder = propertySetting<BuilderEntry>({ key: 'builder', schema, properties, resolve });

function resolve(entry: BuilderEntry, resolver: SettingResolver): PropertyValues | undefined {
  if (typeof entry === 'string') return { selected: resolveBuilder(entry, '', resolver) };
  const { selected, build_dir, dockerfile_path } = entry;
  return declaredValues({
    selected: selected && resolveBuilder(selected, 'selected', resolver),
    build_dir: build_dir && resolvePath(build_dir, 'build_dir', resolver),
    dockerfile_path: dockerfile_path && resolvePath(dockerfile_path, 'dockerfile_path', resolver),
  });
}

function resolveBuilder(raw: string, at: string, resolver: SettingResolver): string {
  const name = resolver.text(raw, at).trim();
  if (builders.includes(name) || name.includes('$')) return name;
  const nearest = findNearest(name, builders);
  resolver.problem(
    at,
    `${JSON.stringify(name)} is not a builder of Dokku`,
    nearest === undefined ? `Builders are ${builders.join(', ')}.` : `Did you mean ${nearest}?`,
  );
  return name;
}

/** Dokku looks below the root of what is shipped. The path counts without a slash at the end, which means nothing. */
function resolvePath(raw: string, at: string, resolver: SettingResolver): string {
  const path = resolver
    .text(raw, at)
    .trim()
    .replace(/(?<=.)\/+$/, '');
  if (!isProjectFolder(path) || /\s/.test(path))
    resolver.problem(
      at,
      `${JSON.stringify(path)} is not a path within what is shipped`,
      'Write it relative to the root of what is shipped, without .. and spaces: apps/web.',
    );
  return path;
}
