import { expect, test } from 'vitest';
import { evenly, linearAxis, logarithmicAxis, shortNumber } from './axis.ts';

const range = { from: 100, to: 200 };

test('a linear axis begins at nothing and ends at a round number above the most', () => {
  const { at, ticks } = linearAxis([3, 8.7], range);
  expect(ticks).toEqual([0, 2, 4, 6, 8, 10]);
  expect(at(0)).toBe(100);
  expect(at(10)).toBe(200);
  expect(at(5)).toBe(150);
});

test.each([[[0.3]], [[1]], [[99]], [[12_345]]])('all of %j lies on its linear axis', (values) => {
  const { at, ticks } = linearAxis(values, range);
  expect(at(Math.max(...values))).toBeLessThanOrEqual(200);
  expect(ticks.length).toBeGreaterThan(2);
  expect(ticks.length).toBeLessThan(9);
});

test('an axis may run upwards, as a page does not', () => {
  const { at } = linearAxis([10], { from: 200, to: 100 });
  expect(at(10)).toBeLessThan(at(0));
});

test('equal factors are equal distances on a logarithmic axis', () => {
  const { at } = logarithmicAxis([1, 1000], range);
  expect(at(10) - at(1)).toBeCloseTo(at(1000) - at(100));
});

test('a logarithmic axis of many orders has a tick for each, a short one more', () => {
  expect(logarithmicAxis([1, 5000], range).ticks).toEqual([1, 10, 100, 1000]);
  expect(logarithmicAxis([22, 400], range).ticks).toEqual([20, 50, 100, 200, 500]);
});

test.each([[[7]], [[0.02, 0.03]], [[1000, 1000]], [[3, 0, 90]]])('all of %j lies on its logarithmic axis', (values) => {
  const { at, ticks } = logarithmicAxis(values, range);
  for (const value of values.filter((one) => one > 0)) {
    expect(at(value)).toBeGreaterThanOrEqual(100 - 1e-6);
    expect(at(value)).toBeLessThanOrEqual(200 + 1e-6);
  }
  expect(ticks.length).toBeGreaterThan(1);
});

test('one thing stands in the middle, several from end to end', () => {
  expect(evenly(1, range)).toEqual([150]);
  expect(evenly(3, range)).toEqual([100, 150, 200]);
});

test.each([
  [0.05, '0.05'],
  [0.30000000000000004, '0.3'],
  [1500, '1,500'],
  [100_000, '100k'],
])('%s is written %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});
