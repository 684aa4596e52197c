import type { Call } from './call.ts';
import type { SandboxHost } from './state.ts';

/** Runs a command and returns its exit code. As on a real host, it continues after its client has disconnected. */
export type Handler = (call: Call, host: SandboxHost) => number | Promise<number>;

/** The commands of a plugin by their full name (`apps`, `apps:create`). */
export type Plugin = Readonly<Record<string, Handler>>;
