import { toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { text } from '@forecourt/service-kit';
import { z } from 'zod';
import { decimal } from '../import/row.ts';
import type { CallRate } from './call-rate.ts';

export const rateColumns = [
  'name_en',
  'name_ka',
  'name_ru',
  'home_price',
  'home_code',
  'mobile_price',
  'mobile_code',
] as const;

const Name = text({ min: 1, max: 100 });
const Price = z.preprocess(decimal, z.number().min(0).max(1e6));
/** `+44 7` is 447. */
const digits = (value: unknown) =>
  typeof value === 'string' ? value.replace(/^\+/, '').replaceAll(/[ ()-]/g, '') : value;
const Code = z.preprocess(digits, z.string().regex(/^[1-9]\d{0,14}$/, 'is no dialling code'));
const Row = z.strictObject({
  name_en: Name,
  name_ka: Name,
  name_ru: Name,
  home_price: Price,
  home_code: Code,
  mobile_price: Price,
  mobile_code: Code,
} satisfies Record<(typeof rateColumns)[number], z.ZodType>);

/** A row of a list, or all that is wrong with it. */
export function readRate(raw: unknown, currency: string): { rate: CallRate } | { errors: string[] } {
  const { data, error } = Row.safeParse(raw);
  if (!data) return { errors: error.issues.map(({ path, message }) => [...path, message].join(': ')) };
  const errors: string[] = [];
  const minor = (column: 'home_price' | 'mobile_price'): bigint => {
    try {
      return toMinorUnits(data[column], currency);
    } catch (refusal) {
      if (!(refusal instanceof AppError)) throw refusal;
      errors.push(`${column}: ${refusal.message}`);
      return 0n;
    }
  };
  const rate = {
    name: { en: data.name_en, ka: data.name_ka, ru: data.name_ru },
    home: { price: minor('home_price'), code: data.home_code },
    mobile: { price: minor('mobile_price'), code: data.mobile_code },
  };
  return errors.length > 0 ? { errors } : { rate };
}
