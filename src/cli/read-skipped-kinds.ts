import { type SkippedKind, skippedKinds } from '../context/skip.ts';
import { DeployError } from '../errors.ts';

/** Reads `--skip drafts,bots`. Throws `usage` for anything else that it names. */
export function readSkippedKinds(value: string | boolean | undefined): readonly SkippedKind[] {
  const names = typeof value === 'string' ? value.split(',') : [];
  const unknown = names.find((name) => !isKnown(name));
  if (unknown === undefined) return names.filter(isKnown);
  throw new DeployError('usage', {
    message: `--skip: ${JSON.stringify(unknown)} is not something to skip.`,
    remedy: `Use ${skippedKinds.join(', ')}, separated by commas.`,
  });
}

function isKnown(name: string): name is SkippedKind {
  return skippedKinds.some((kind) => kind === name);
}
