import { createHash } from 'node:crypto';
import type { Vault } from '../secret.ts';

/**
 * Returns what stands for a declaration in the app's mark: 16 hex digits of a SHA-256 of the app's name and the declaration,
 * with the values of its secrets. Equal declarations have equal digests, whatever the order of their keys.
 */
export function computeDigest(app: string, declared: unknown, vault: Vault): string {
  const text = JSON.stringify([app, toCanonical(declared, vault)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Returns what stands for a part of a declaration in the app's mark: 8 hex digits, as in `computeDigest`. */
export function hashPart(app: string, key: string, part: string): string {
  return createHash('sha256')
    .update(JSON.stringify([app, key, part]))
    .digest('hex')
    .slice(0, 8);
}

function toCanonical(value: unknown, vault: Vault): unknown {
  if (Array.isArray(value)) return value.map((item) => toCanonical(item, vault));
  if (typeof value !== 'object' || value === null) return value;
  const { secret } = value as { readonly secret?: unknown };
  const revealed = typeof secret === 'string' ? vault.get(secret)?.reveal() : undefined;
  if (revealed !== undefined) return { revealed };
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, toCanonical(item, vault)]);
}
