import { expect, test } from 'vitest';
import { standingOf } from './call-rate.ts';
import { readRate } from './row.ts';

const list = (number: number, day: number) => ({ number, effectiveFrom: new Date(Date.UTC(2026, 0, day)) });

test('a list is coming until it is in force, and past when another one is', () => {
  const current = list(4, 10);
  expect([list(5, 20), list(3, 10), list(1, 1), current].map((one) => standingOf(one, current))).toEqual([
    'coming',
    'past',
    'past',
    'current',
  ]);
  expect(standingOf(list(1, 1), null)).toBe('coming');
});

const row = {
  name_en: 'Germany',
  name_ka: 'გერმანია',
  name_ru: 'Германия',
  home_price: '0,12',
  home_code: '+49',
  mobile_price: 0.35,
  mobile_code: '49 (15)',
};

test('a row is read as people write it: with a comma, a plus and spaces', () => {
  expect(readRate(row, 'GEL')).toEqual({
    rate: {
      name: { en: 'Germany', ka: 'გერმანია', ru: 'Германия' },
      home: { price: 12n, code: '49' },
      mobile: { price: 35n, code: '4915' },
    },
  });
});

test.each([
  [{ home_code: '0049' }, 'home_code'],
  [{ mobile_code: 49 }, 'mobile_code'],
  [{ home_code: '1234567890123456' }, 'home_code'],
  [{ home_price: -1 }, 'home_price'],
  [{ home_price: 0.125 }, 'home_price'],
  [{ mobile_price: 'dear' }, 'mobile_price'],
  [{ name_ka: '' }, 'name_ka'],
  [{ colour: 'red' }, 'colour'],
])('%j is refused, and why is said', (change, column) => {
  const read = readRate({ ...row, ...change }, 'GEL');
  expect('errors' in read ? read.errors.join() : '').toContain(column);
});

test.each([null, 1, 'x', []])('%j is no row', (raw) => expect(readRate(raw, 'GEL')).toHaveProperty('errors'));
