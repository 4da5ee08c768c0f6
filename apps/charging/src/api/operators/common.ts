import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';

export const Limit = wholeNumber({ min: 1, max: 100 }).default(50);
export const Time = z.string().meta({ format: 'date-time' });
/** `abort`: what compares two of them is not asked about anything else. */
export const Moment = z.iso.datetime({ offset: true, abort: true }).transform((instant) => new Date(instant));
export const flag = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();

/** Where nothing is to be sent but something may be. */
export const NoBody = z.strictObject({}).nullish();

/** A page that is full may have another behind it. */
export const nextOf = <T>(rows: readonly T[], limit: number, idOf: (row: T) => string): string | null =>
  rows.length === limit ? (rows.map(idOf).at(-1) ?? null) : null;

export const major = (amount: bigint, currency: string): number => toMajorUnits(amount, currency);
export const minor = (amount: number, currency: string): bigint => toMinorUnits(amount, currency);
export const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Without the fields that were not sent. */
export const sent = <Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
