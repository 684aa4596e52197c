import type { TextFile } from '../environment/job-input.ts';

/** Returns the types of processes in a Procfile, without `release`, which is a task of the deploy. */
export function readProcessTypes({ text }: Pick<TextFile, 'text'>): string[] {
  const types = [...text.matchAll(/^([A-Za-z0-9_-]+)[ \t]*:[ \t]*\S/gm)].map(([, type = '']) => type);
  return [...new Set(types)].filter((type) => type !== 'release');
}
