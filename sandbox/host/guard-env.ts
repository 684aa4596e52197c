import { fail } from './answers.ts';
import { UnreadableEnv } from './envfile.ts';
import type { Handler } from './handler.ts';

/** Wraps a handler: if the app's configuration cannot be parsed, prints the reason and returns 1. */
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
