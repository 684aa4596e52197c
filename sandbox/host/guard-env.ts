import { fail } from './answers.ts';
import { UnreadableEnv } from './envfile.ts';
import type { Handler } from './handler.ts';

/** Returns a handler that prints what is wrong with an app's configuration that cannot be read, and ends with 1. */
export function guardEnv(handler: Handler): Handler {
  return async (call, host) => {
    try {
      return await handler(call, host);
    } catch (error) {
      if (error instanceof UnreadableEnv) return fail(call, error.message);
      throw error;
    }
  };
}
