import { expect, test } from 'vitest';
import { wholeNumber } from './whole-number.ts';

const limit = wholeNumber({ min: 1, max: 100 });

test.each([
  ['1', 1],
  ['100', 100],
  ['007', 7],
])('%j is %i', (text, number) => {
  expect(limit.parse(text)).toBe(number);
});

test.each(['', ' 1', '1 ', '+1', '1.0', '1e1', '0x1', '0', '101', '-1', '99999999999999999999', 'NaN', 1, null, ['1']])(
  '%j is none that is allowed',
  (value) => {
    expect(limit.safeParse(value).success).toBe(false);
  },
);
