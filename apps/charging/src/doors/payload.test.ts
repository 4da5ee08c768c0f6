import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantIn, listIn, readingsIn, wattHoursIn, wholeIn, wordIn } from './payload.ts';

describe('what stations write is read as', () => {
  test.each<[unknown, number | null]>([
    [7, 7],
    ['7', 7],
    [' 7.6 ', 8],
    [6.4, 6],
    ['0x10', null],
    ['', null],
    [null, null],
    [true, null],
    [1e300, null],
    ['9'.repeat(40), null],
    [[7], null],
  ])('a whole number: %j is %j', (value, whole) => {
    expect(wholeIn(value)).toBe(whole);
  });

  test.each<[unknown, bigint | null]>([
    [0, 0n],
    ['1500', 1_500n],
    [-1, null],
    [{}, null],
  ])('watt-hours: %j is %s', (value, wh) => {
    expect(wattHoursIn(value)).toBe(wh);
  });

  test.each<[unknown, string | null]>([
    ['2026-02-19T12:00:00Z', '2026-02-19T12:00:00.000Z'],
    ['2026-02-19T12:00:00', '2026-02-19T12:00:00.000Z'],
    ['2026-02-19 12:00:00.123456', '2026-02-19T12:00:00.123Z'],
    ['2026-02-19T12:00:00+0800', '2026-02-19T04:00:00.000Z'],
    ['2026-02-19T12:00:00+08:00', '2026-02-19T04:00:00.000Z'],
    ['2026-02-30T25:00:00Z', null],
    ['19.02.2026', null],
    [1_771_502_400, null],
  ])('an instant: %j is %j', (value, iso) => {
    const read = instantIn(value);
    expect(read === null ? null : new Date(read).toISOString()).toBe(iso);
  });

  test('a word, whole and without the blanks around it', () => {
    expect([wordIn(' A1 '), wordIn(17), wordIn('  '), wordIn({}), wordIn('x'.repeat(300))?.length]).toEqual([
      'A1',
      '17',
      null,
      null,
      255,
    ]);
  });

  test('a list, also when the only one comes by itself', () => {
    expect([listIn([1, 2]), listIn({ a: 1 }), listIn(null)]).toEqual([[1, 2], [{ a: 1 }], []]);
  });

  test('readings or none, whatever it is', () => {
    const noon = new Date('2026-02-19T12:00:00Z');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const { at, registerWh, powerW } of readingsIn(value, () => noon)) {
          expect(at).toBe(noon);
          expect(registerWh === null || registerWh >= 0n).toBe(true);
          expect(powerW === null || powerW >= 0).toBe(true);
        }
      }),
    );
  });
});
