import { expect, test } from 'vitest';
import { median, percentile, ratioOf } from './statistics.ts';

const upTo = (last: number) => Array.from({ length: last }, (_, index) => last - index);

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])('of the numbers 1 to 100, %s of them lie at or below %s', (share, expected) => {
  expect(percentile(upTo(100), share)).toBe(expected);
});

test('a percentile of a few samples is one of them, never one past the end', () => {
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([1, 2, 3], 0.99)).toBe(3);
});

test('nothing measured is no number', () => {
  expect(percentile([], 0.5)).toBeNaN();
  expect(median([])).toBeNaN();
});

test('a median is the middle one, or lies between the middle two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 9, 3, 5])).toBe(4);
});

test('a ratio is made round by round, so that a slow round does not change it', () => {
  expect(ratioOf([100, 10, 100], [50, 5, 50])).toEqual({ value: 2, low: 2, high: 2 });
});

test('a ratio tells how far its rounds lie apart', () => {
  expect(ratioOf([100, 120, 90], [100, 100, 100])).toEqual({ value: 1, low: 0.9, high: 1.2 });
});
