import { type Resolver, resolveText } from './resolver.ts';

/** The login in front of an app, for people: its user, and where its password is kept. Never the password. */
export interface LoginHint {
  readonly user: string;
  /** The CI/CD variable that holds the password; undefined if the file does not name exactly one. */
  readonly variable: string | undefined;
}

/** Returns the hint for `basic_auth`; undefined without one. */
export function resolveLoginHint(entry: unknown, resolver: Resolver): LoginHint | undefined {
  const { user, password } = Object(entry) as { readonly user?: string; readonly password?: string | number };
  if (user === undefined) return undefined;
  const [, bare, braced] = /^\$(?:(\w+)|\{(\w+)\})$/.exec(String(password).trim()) ?? [];
  return { user: resolveText(user, 'basic_auth.user', resolver), variable: bare ?? braced };
}
