import type { Answer, Command } from '../dokku/command.ts';
import {
  addAllowedIp,
  noHttpAuth,
  readHttpAuthRow,
  removeAllowedIp,
  reportHttpAuth,
  showHttpAuth,
} from '../dokku/http-auth.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import type { RequiredPlugin } from './setting.ts';

/** What an app has of the http-auth plugin. `basic_auth` and `allowed_ips` are two parts of it. */
export interface AppAccess {
  /** Whether there are rules, even if they let everyone in. */
  readonly isEnabled: boolean;
  /** Whether the rules ask for a password: the plugin may have users and not ask for one (facts-2, F42). */
  readonly asksForLogin: boolean;
  readonly users: readonly string[];
  /** The addresses that are stored, and those that the rules let in. */
  readonly addresses: readonly string[];
  readonly effective: readonly string[];
}

/** What a new app has. */
export const openAccess: AppAccess = {
  isEnabled: false,
  asksForLogin: false,
  users: [],
  addresses: [],
  effective: [],
};

/** Returns the questions about an app's access. */
export function askAccess(app: string): Command[] {
  return [reportHttpAuth(app), showHttpAuth(app)];
}

/** Reads the answers of `askAccess`. Throws `host-refused` for one that establishes nothing. */
export function readAccess([report, rules]: readonly Answer[], app: string): AppAccess {
  // Without the plugin, no app has any of it.
  if (report?.kind === 'refused' && classifyRefusal(report) === 'unknown-command') return openAccess;
  if (report?.kind === 'refused') throw refusedError(reportHttpAuth(app), report);
  if (rules?.kind === 'refused' && !noHttpAuth.test(rules.stderr))
    throw refusedError(showHttpAuth(app), rules);
  const table = report?.stdout ?? '';
  const text = rules?.kind === 'answered' ? rules.stdout : '';
  return {
    isEnabled: rules?.kind === 'answered',
    asksForLogin: /^\s*auth_basic_user_file\s/m.test(text),
    users: readHttpAuthRow(table, 'users'),
    addresses: readHttpAuthRow(table, 'allowed ips'),
    effective: [...text.matchAll(/^\s*allow\s+(\S+);/gm)].map(([, address = '']) => address),
  };
}

/** Never routed (RFC 5737, TEST-NET-3). */
const unusedAddress = '203.0.113.255';

/**
 * Returns the commands that write the rules again, from what is stored then. The plugin does that when it is enabled, but an app that
 * has rules would be open while it is disabled; and when an address is added or removed, here one that no client has.
 */
export function writeRules(app: string): Command[] {
  return [addAllowedIp(app, unusedAddress), removeAllowedIp(app, unusedAddress)];
}

/** Returns what takes back a half of `writeRules`. */
export function undoRules(app: string): Command[] {
  return [removeAllowedIp(app, unusedAddress)];
}

/** The plugin that the settings need. */
export function httpAuthPlugin(isOptional: boolean): RequiredPlugin {
  return { name: 'http-auth', url: 'https://github.com/dokku/dokku-http-auth.git', isOptional };
}
