import { Temporal } from 'temporal-polyfill';

export interface Length {
  readonly unit: 'day' | 'month';
  readonly count: number;
}

export interface Span {
  readonly from: Date;
  readonly until: Date;
}

/**
 * Where the n-th period of a row ends, by the calendar of a time zone. All are counted from where the row began, so that a
 * month that is too short for its day moves none after it: 31 January, 28 February, 31 March. A day lasts 23 or 25 hours
 * where clocks are changed, and an hour that a clock leaves out is the next one.
 */
export function afterPeriods(anchor: Date, { unit, count }: Length, n: number, timeZone: string): Date {
  const begin = Temporal.Instant.fromEpochMilliseconds(anchor.getTime()).toZonedDateTimeISO(timeZone);
  const end = begin.add(unit === 'day' ? { days: count * n } : { months: count * n });
  return new Date(end.epochMilliseconds);
}

/** What is left of what was paid for a period, in proportion to its time; the customer's loss by rounding is below one unit. */
export function unusedOf(worth: bigint, { from, until }: Span, now: Date): bigint {
  const all = BigInt(until.getTime() - from.getTime());
  const begin = now > from ? now : from;
  const left = BigInt(until.getTime() - begin.getTime());
  return all <= 0n || left <= 0n ? 0n : (worth * left) / all;
}

/** Far beyond what anybody pays ahead, and within what a calendar can count. */
const mostPeriods = 1_200n;

/** Until when an amount of money lasts: whole periods by the calendar, then the same part of the next one. */
export function lastsUntil(
  from: Date,
  length: Length,
  { money, price }: { money: bigint; price: bigint },
  timeZone: string,
): Date {
  if (price <= 0n) return afterPeriods(from, length, 1, timeZone);
  const whole = money / price;
  if (whole >= mostPeriods) return afterPeriods(from, length, Number(mostPeriods), timeZone);
  const begin = afterPeriods(from, length, Number(whole), timeZone);
  const next = afterPeriods(from, length, Number(whole) + 1, timeZone);
  const part = (BigInt(next.getTime() - begin.getTime()) * (money % price)) / price;
  return new Date(begin.getTime() + Number(part));
}
