import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterPeriods, lastsUntil, unusedOf } from './period.ts';

const month = { unit: 'month', count: 1 } as const;
const day = { unit: 'day', count: 1 } as const;
const zones = ['UTC', 'Europe/Kyiv', 'Asia/Tbilisi', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

const ends = (anchor: string, length: typeof month | typeof day, count: number, zone = 'UTC') =>
  Array.from({ length: count }, (_, n) => afterPeriods(new Date(anchor), length, n + 1, zone).toISOString());

describe('months', () => {
  test('end on the day on which their row began, or on the last there is, and come back to it', () => {
    expect(ends('2026-01-31T10:00:00Z', month, 4)).toEqual([
      '2026-02-28T10:00:00.000Z',
      '2026-03-31T10:00:00.000Z',
      '2026-04-30T10:00:00.000Z',
      '2026-05-31T10:00:00.000Z',
    ]);
    expect(ends('2028-01-30T10:00:00Z', month, 2)).toEqual(['2028-02-29T10:00:00.000Z', '2028-03-30T10:00:00.000Z']);
  });

  test('of a year that begin on 29 February end there again in each leap year', () => {
    const anchor = new Date('2024-02-29T00:00:00Z');
    const year = { unit: 'month', count: 12 } as const;
    const days = [1, 2, 3, 4].map((n) => afterPeriods(anchor, year, n, 'UTC').toISOString().slice(0, 10));
    expect(days).toEqual(['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
  });

  test('are those of the time zone: late in the evening in London it is the first of the month in Tbilisi', () => {
    expect(ends('2026-01-31T21:00:00Z', month, 1, 'Asia/Tbilisi')).toEqual(['2026-02-28T21:00:00.000Z']);
    expect(ends('2026-01-30T21:00:00Z', month, 1, 'Asia/Tbilisi')).toEqual(['2026-02-27T21:00:00.000Z']);
    expect(ends('2026-01-30T21:00:00Z', month, 1, 'UTC')).toEqual(['2026-02-28T21:00:00.000Z']);
  });
});

describe('days', () => {
  test('last 23 hours when clocks go forward, and 25 when they go back', () => {
    expect(ends('2026-03-28T10:00:00Z', day, 1, 'Europe/Kyiv')).toEqual(['2026-03-29T09:00:00.000Z']);
    expect(ends('2026-10-24T09:00:00Z', day, 1, 'Europe/Kyiv')).toEqual(['2026-10-25T10:00:00.000Z']);
  });

  test('end an hour later where their own hour is left out, and at it again the day after', () => {
    expect(ends('2026-03-28T01:30:00Z', day, 2, 'Europe/Kyiv')).toEqual([
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });
});

const anchors = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
const lengths = fc.record({
  unit: fc.constantFrom('day' as const, 'month' as const),
  count: fc.integer({ min: 1, max: 366 }),
});

/** The date and time that hang on the wall there. */
const wall = (date: Date, timeZone: string) =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
      .formatToParts(date)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>;

test('periods of one row follow each other without gap or overlap, and each has some length', () => {
  fc.assert(
    fc.property(
      anchors,
      lengths,
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 24 }),
      (anchor, length, zone, n) => {
        const [begin, end] = [afterPeriods(anchor, length, n, zone), afterPeriods(anchor, length, n + 1, zone)];
        expect(end.getTime()).toBeGreaterThan(begin.getTime());
        if (n === 0) expect(begin).toEqual(anchor);
      },
    ),
  );
});

test('a month ends in the month that was meant, on the day of the row or the last of that month', () => {
  fc.assert(
    fc.property(anchors, fc.integer({ min: 1, max: 60 }), fc.constantFrom(...zones), (anchor, n, zone) => {
      const [before, after] = [wall(anchor, zone), wall(afterPeriods(anchor, month, n, zone), zone)];
      const months = before.year * 12 + before.month - 1 + n;
      const lastDay = new Date(Date.UTC(Math.floor(months / 12), (months % 12) + 1, 0)).getUTCDate();
      expect(after.year * 12 + after.month - 1).toBe(months);
      expect(after.day).toBe(Math.min(before.day, lastDay));
    }),
  );
});

describe('what is left of a period', () => {
  const span = { from: new Date('2026-03-01T00:00:00Z'), until: new Date('2026-03-31T00:00:00Z') };

  test.each([
    ['2026-02-01T00:00:00Z', 30_000n],
    ['2026-03-01T00:00:00Z', 30_000n],
    ['2026-03-11T00:00:00Z', 20_000n],
    ['2026-03-30T23:59:59.999Z', 0n],
    ['2026-03-31T00:00:00Z', 0n],
    ['2026-05-01T00:00:00Z', 0n],
  ])('at %s is %i of 30000', (now, left) => {
    expect(unusedOf(30_000n, span, new Date(now))).toBe(left);
  });

  test('is never more than was paid, and less the later it is', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.nat(30 * 86_400_000), fc.nat(86_400_000), (worth, at, more) => {
        const early = unusedOf(worth, span, new Date(span.from.getTime() + at));
        expect(early).toBeLessThanOrEqual(worth);
        expect(unusedOf(worth, span, new Date(span.from.getTime() + at + more))).toBeLessThanOrEqual(early);
      }),
    );
  });
});

describe('money lasts', () => {
  const from = new Date('2026-01-31T00:00:00Z');
  const lasts = (money: bigint, price: bigint) => lastsUntil(from, month, { money, price }, 'UTC').toISOString();

  test.each([
    [100n, 100n, '2026-02-28T00:00:00.000Z'],
    [150n, 100n, '2026-03-15T12:00:00.000Z'],
    [50n, 100n, '2026-02-14T00:00:00.000Z'],
    [0n, 100n, '2026-01-31T00:00:00.000Z'],
    [100n, 0n, '2026-02-28T00:00:00.000Z'],
  ])('%i at %i a month until %s', (money, price, until) => {
    expect(lasts(money, price)).toBe(until);
  });

  test('a very long time for very little a month, but not for ever', () => {
    expect(lasts(10n ** 15n, 1n)).toBe('2126-01-31T00:00:00.000Z');
  });

  test('longer the more there is', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.bigInt(0n, 10n ** 6n),
        fc.bigInt(1n, 10n ** 5n),
        fc.constantFrom(...zones),
        (length, money, price, zone) => {
          const until = (amount: bigint) => lastsUntil(from, length, { money: amount, price }, zone).getTime();
          expect(until(money + 1n)).toBeGreaterThanOrEqual(until(money));
        },
      ),
    );
  });
});
