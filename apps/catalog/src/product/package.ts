import type { PackageTerms } from '@forecourt/contracts';
import { text } from '@forecourt/service-kit';
import { z } from 'zod';

export const Period = z.strictObject({ unit: z.enum(['day', 'month']), count: z.int().min(1).max(366) });
export const Line = text({ min: 1, max: 60 });
export const Contents = z
  .array(
    z.strictObject({
      name: text({ min: 1, max: 60 }),
      value: z.union([text({ min: 1, max: 200 }), z.number().min(-1e12).max(1e12)]),
      unit: text({ min: 1, max: 20 }).nullable().default(null),
    }),
  )
  .max(30)
  .refine((contents) => new Set(contents.map(({ name }) => name)).size === contents.length, {
    params: { rule: 'not_acceptable' },
    message: 'the contents of a package have different names',
  });

/** As an operator says it; what is left out is what most packages are. */
export const Package = z.strictObject({
  period: Period,
  renews: z.boolean().default(true),
  line: Line.nullable().default(null),
  contents: Contents.default([]),
}) satisfies z.ZodType<PackageTerms>;

/** As anybody reads it. */
export const PackageBody = z
  .object({
    period: z.object({ unit: z.enum(['day', 'month']), count: z.int() }),
    renews: z.boolean(),
    line: z.string().nullable().meta({ description: 'Of packages of one line a customer has one at a time.' }),
    contents: z.array(
      z.object({ name: z.string(), value: z.union([z.string(), z.number()]), unit: z.string().nullable() }),
    ),
  })
  .meta({ id: 'Package' });

const periodText = /^(\d{1,3}) ?(day|month)s?$/i;

/** `1 month`, `30 days`; anything else as it came. */
export function readPeriod(value: unknown): unknown {
  const [, count, unit] = (typeof value === 'string' && periodText.exec(value.trim())) || [];
  return count && unit ? { unit: unit.toLowerCase(), count: Number(count) } : value;
}

const aNumber = /^-?\d{1,12}(?:\.\d{1,4})?$/;

/** `download=100|Mbit/s; router=included`; what is written as a number is one. */
export function readContents(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...rest] = part.split('=');
      const [said = '', unit = ''] = rest.join('=').split('|', 2);
      const word = said.trim();
      return { name: name.trim(), value: aNumber.test(word) ? Number(word) : word, unit: unit.trim() || null };
    });
}
