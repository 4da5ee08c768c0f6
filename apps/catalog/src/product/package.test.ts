import { describe, expect, test } from 'vitest';
import { Package, readContents, readPeriod } from './package.ts';

describe('a period in a cell', () => {
  test.each([
    ['1 month', { unit: 'month', count: 1 }],
    ['30 days', { unit: 'day', count: 30 }],
    ['12 Months', { unit: 'month', count: 12 }],
    ['7day', { unit: 'day', count: 7 }],
  ])('%s', (cell, period) => expect(readPeriod(cell)).toEqual(period));

  test.each(['month', '1 year', '1000 days', '1.5 months', ''])('%s is left for the schema to refuse', (cell) => {
    expect(readPeriod(cell)).toBe(cell);
  });
});

test('contents in a cell are numbers where they are written as such, with a unit where there is one', () => {
  expect(readContents('download=100|Mbit/s; router=included;; code=007; share = 0.5 | GB')).toEqual([
    { name: 'download', value: 100, unit: 'Mbit/s' },
    { name: 'router', value: 'included', unit: null },
    { name: 'code', value: 7, unit: null },
    { name: 'share', value: 0.5, unit: 'GB' },
  ]);
  expect(readContents('')).toEqual([]);
});

test('a package renews and stands alone unless told', () => {
  expect(Package.parse({ period: { unit: 'month', count: 1 } })).toEqual({
    period: { unit: 'month', count: 1 },
    renews: true,
    line: null,
    contents: [],
  });
});

test.each([
  {},
  { period: { unit: 'year', count: 1 } },
  { period: { unit: 'day', count: 0 } },
  { period: { unit: 'day', count: 367 } },
  { period: { unit: 'day', count: 1.5 } },
  { period: { unit: 'day', count: 1 }, line: '' },
  { period: { unit: 'day', count: 1 }, price: 1 },
  {
    period: { unit: 'day', count: 1 },
    contents: [
      { name: 'a', value: 1 },
      { name: 'a', value: 2 },
    ],
  },
])('%j is no package', (value) => expect(Package.safeParse(value).success).toBe(false));
