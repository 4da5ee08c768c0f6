import { z } from 'zod';

/** 24 lower-case hex digits, time-ordered (ObjectId form). */
export const ObjectId = z.string().regex(/^[0-9a-f]{24}$/);

/** A `Date` in code, ISO 8601 in UTC on the wire. */
export const Instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** By whose calendar days are meant: a name of the IANA database, `Asia/Tbilisi`. */
export const TimeZone = z.string().refine((name) => isTimeZone(name), 'is no time zone');

/** To ask costs more than all else about an event, and there is hardly ever another name than the last one's. */
const knownZones = new Set<string>();

function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    knownZones.add(name);
    return true;
  } catch {
    return false;
  }
}

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
