import { expect, test } from 'vitest';
import { newOrderNumber } from './number.ts';

test('order numbers are short, readable and do not follow one another', () => {
  const numbers = Array.from({ length: 1_000 }, newOrderNumber);
  for (const number of numbers) expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers).not.toEqual([...numbers].sort());
});
