import { isMap, isScalar, visit } from 'yaml';
import { matchesGlob } from '../context/glob.ts';
import { formatPosition, parseYaml } from '../context/yaml-document.ts';
import type { TextFile } from '../environment/job-input.ts';
import { findNearest, type Problem } from '../problems.ts';

/** What the project's pipeline is known to deploy to. */
export interface PipelineEnvironments {
  /** The names of environments that are written out, by their position. */
  readonly names: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Reads which environments the jobs of a .gitlab-ci.yml name. An invalid file is not our subject: it names none. */
export function readPipeline(file: TextFile): PipelineEnvironments {
  const yaml = parseYaml(file.path, file.text);
  const names = new Map<string, string>();
  const add = (value: unknown): void => {
    if (!isScalar(value) || typeof value.value !== 'string' || /[$[]/.test(value.value)) return;
    names.set(value.value, formatPosition(yaml, value.range?.[0]));
  };
  if (yaml.document.errors.length > 0) return { names, text: file.text };
  visit(yaml.document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== 'environment') return;
      add(isMap(value) ? value.get('name', true) : value);
    },
  });
  return { names, text: file.text };
}

/**
 * Compares the environments of the configuration file with those of the pipeline. Returns what is probably a typo: a block that
 * the pipeline never mentions, and a job's environment that has no block, although the file declares others.
 */
export function compareEnvironments(
  declared: readonly string[],
  { names, text }: PipelineEnvironments,
  configPath: string,
): Problem[] {
  if (declared.length === 0 || names.size === 0) return [];
  const isDeclared = (name: string) => declared.some((key) => matchesGlob(key, name));
  const unknown = [...names].filter(([name]) => !isDeclared(name) && !/^review\b/.test(name));
  const unused = declared.filter((key) => !key.includes('*') && !names.has(key) && !mentions(text, key));
  return [
    ...unknown.map(([name, where]) => ({
      where,
      message: `${configPath} declares no environment ${JSON.stringify(name)}, so a deploy to it is refused`,
      remedy: suggest(findNearest(name, declared), `Declared: ${declared.join(', ')}.`),
    })),
    ...unused.map((key) => ({
      where: `${configPath}: environments.${key}`,
      message: `no job of .gitlab-ci.yml deploys to ${JSON.stringify(key)}`,
      remedy: suggest(findNearest(key, [...names.keys()]), 'Its jobs may be in an included file.'),
    })),
  ];
}

function mentions(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word.replace(/[^\w]/g, '\\$&')}(?![\\w-])`).test(text);
}

function suggest(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `Did you mean ${near}? ${otherwise}`;
}
