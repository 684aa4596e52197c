import type { Command } from './command.ts';

/** When Docker gets an option: for the build of the image, the app's containers, or those of `run`. */
export const phases = ['build', 'deploy', 'run'] as const;

export type Phase = (typeof phases)[number];

/** Adds an option. Dokku stores it once more if the app has it already. */
export function addDockerOption(app: string, inPhases: readonly Phase[], option: string): Command {
  return { words: ['docker-options:add', app, inPhases.join(','), option] };
}

/** Removes an option, every time that it is stored. */
export function removeDockerOption(app: string, inPhases: readonly Phase[], option: string): Command {
  return { words: ['docker-options:remove', app, inPhases.join(','), option] };
}
