import type { Context } from '../context/context.ts';
import { addAppAddress, addressQuestions } from './app-address.ts';
import type { HostState } from './host-state.ts';
import { addInherited, inheritQuestions } from './inherit.ts';
import type { Question } from './question.ts';

/** Returns the questions about the part of the app's configuration that only the host knows. */
export function hostValueQuestions(context: Context): Question[] {
  return [...inheritQuestions(context), ...addressQuestions(context)];
}

/**
 * Returns the context with that part: the inherited keys, and the app's address in the values that contain it.
 *
 * Throws what `addInherited` and `addAppAddress` throw.
 */
export function addHostValues(context: Context, hostState: HostState): Context {
  return addAppAddress(addInherited(context, hostState), hostState);
}
