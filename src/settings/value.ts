import { z } from 'zod';

/** A text, number or boolean of the file, which may contain variables. */
export const scalar = z.union([z.string().trim().min(1), z.number(), z.boolean()], {
  error: 'expected text, a number, true or false',
});

/** A whole number, or a text whose variables make one. */
export const count = z.union([z.number(), z.string().trim().min(1)], { error: 'expected a number' });

/** Reads a whole number that is not negative, with at most nine digits. Returns undefined for anything else. */
export function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
