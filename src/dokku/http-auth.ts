import type { Command, Value } from './command.ts';

/** Prints whether http-auth is enabled for an app, and the names of its users, as a table. */
export function reportHttpAuth(app: string): Command {
  return { words: ['http-auth:report', app] };
}

/** Prints the rules that nginx has for an app; exits 1 if http-auth is disabled. */
export function showHttpAuth(app: string): Command {
  return { words: ['http-auth:show-config', app] };
}

/** What `showHttpAuth` prints on standard error if http-auth is disabled. */
export const noHttpAuth = /No nginx\.conf exists/;

/** Returns the words of a row of the table that `reportHttpAuth` prints. */
export function readHttpAuthRow(table: string, row: 'allowed ips' | 'users'): string[] {
  const value = new RegExp(`^\\s*http auth ${row}:(.*)$`, 'im').exec(table)?.[1] ?? '';
  return value.split(/\s+/).filter((word) => word !== '');
}

/** Writes the rules from the allowed addresses and the users that are stored at this moment. Changes nothing if it is enabled. */
export function enableHttpAuth(app: string): Command {
  return { words: ['http-auth:enable', app] };
}

/** Removes the rules: everyone has access. The users and the addresses stay stored. */
export function disableHttpAuth(app: string): Command {
  return { words: ['http-auth:disable', app] };
}

/** Stores a user with this password. Works only while http-auth is enabled; does not write the rules. */
export function addHttpUser(app: string, user: string, password: Value): Command {
  return { words: ['http-auth:add-user', app, user, password] };
}

/** Forgets a user. Works only while http-auth is enabled; does not write the rules. */
export function removeHttpUser(app: string, user: string): Command {
  return { words: ['http-auth:remove-user', app, user] };
}

/** Allows an address, and writes the rules. Does neither if it is stored already. */
export function addAllowedIp(app: string, address: string): Command {
  return { words: ['http-auth:add-allowed-ip', app, address] };
}

/** Forgets an address, and writes the rules; exits 1 if it is not stored. */
export function removeAllowedIp(app: string, address: string): Command {
  return { words: ['http-auth:remove-allowed-ip', app, address] };
}
