import type { Command } from './command.ts';

/** Prints the proxy of an app (JSON: `enabled`, `type`). */
export function reportProxy(app: string): Command {
  return { words: ['proxy:report', app, '--format', 'json'] };
}

/** Stops or starts serving an app through the proxy, with its default domains. A deployed app is restarted. */
export function switchProxy(app: string, isOn: boolean): Command {
  return { words: [isOn ? 'proxy:enable' : 'proxy:disable', app] };
}

/** Chooses the program that serves an app, or that of the host; it takes effect with the next deploy. */
export function setProxyType(app: string, type: string | undefined): Command {
  return { words: ['proxy:set', app, 'type', ...(type === undefined ? [] : [type])] };
}
