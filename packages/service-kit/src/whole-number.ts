import { z } from 'zod';

/** A whole number in a query string: digits, no other spelling. */
export const wholeNumber = ({ min, max }: { min: number; max: number }) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/)
    .describe(`A whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
