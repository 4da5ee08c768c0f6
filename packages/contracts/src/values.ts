import { z } from 'zod';

/** 24 lower-case hex digits, time-ordered (ObjectId form). */
export const ObjectId = z.string().regex(/^[0-9a-f]{24}$/);

/** A `Date` in code, ISO 8601 in UTC on the wire. */
export const Instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** Integer minor units of the deployment's currency: `bigint` in code, a safe integer on the wire. */
export const MinorUnits = z.codec(z.int(), z.bigint(), {
  decode: (number) => BigInt(number),
  encode: (amount) => Number(amount),
});

/** ISO 4217. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

/** Counts the changes of one thing, from 1. */
export const Version = z.int().positive();

export const Language = z.enum(['uk', 'ru', 'ka', 'mn', 'en']);

/** E.164 with the plus sign. */
export const Phone = z.string().regex(/^\+[1-9]\d{4,14}$/);
