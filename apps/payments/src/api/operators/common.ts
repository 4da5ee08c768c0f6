import { toMajorUnits } from '@forecourt/dialects';
import { text, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import { accountIdPattern, accountNamed, type BookAccount } from '../../account/account.ts';

export const Limit = wholeNumber({ min: 1, max: 100 }).default(50);
export const Time = z.string().meta({ format: 'date-time' });
/** `abort`: what compares two of them is not asked about anything else. */
export const Moment = z.iso.datetime({ offset: true, abort: true }).transform((instant) => new Date(instant));

/** An account by its name; the pattern is all that the OpenAPI document needs to say. */
export const AccountId = z
  .string()
  .regex(accountIdPattern)
  .describe('`wallet:<customer id>:UAH`, `clearing:<provider>:UAH`, `revenue:<kind>:UAH`, `fees::UAH`')
  .transform((id): BookAccount => accountNamed(id));

/** The caller's word for one intention. */
export const Key = text({ min: 1, max: 64 }).describe(
  'Yours, for this one intention: sent again it changes nothing more',
);
export const Reason = text({ min: 3, max: 500 });

/** A page that is full may have another behind it. */
export const nextOf = <T>(rows: readonly T[], limit: number, idOf: (row: T) => string): string | null =>
  rows.length === limit ? (rows.map(idOf).at(-1) ?? null) : null;

export const major = (amount: bigint, currency: string): number => toMajorUnits(amount, currency);
export const instant = (at: Date | null): string | null => at?.toISOString() ?? null;
