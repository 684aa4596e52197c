import type { Call } from './call.ts';
import type { SandboxHost } from './state.ts';

/** Answers a call and gives its exit code. A real host goes on when its client has gone, and so does a handler. */
export type Handler = (call: Call, host: SandboxHost) => number | Promise<number>;

/** A plugin's commands by their full name (`apps`, `apps:create`). */
export type Plugin = Readonly<Record<string, Handler>>;
