import { expect, test } from 'vitest';
import { asMultirange, createNumbers } from './numbers.ts';

const taken = (...numbers: number[]) => {
  const all = createNumbers();
  for (const number of numbers) all.add({ from: number, to: number });
  return asMultirange(all.take());
};

test('numbers in any order, and twice, become the fewest runs', () => {
  expect(taken(5, 1, 2, 2, 3, 9, 8)).toBe('{[1,3],[5,5],[8,9]}');
  expect(taken()).toBe('{}');
});

test('who takes them leaves none, and may bring them back', () => {
  const numbers = createNumbers();
  numbers.add({ from: 2, to: 4 });
  const runs = numbers.take();
  expect(numbers.take()).toEqual([]);
  numbers.add({ from: 5, to: 5 });
  for (const run of runs) numbers.add(run);
  expect(numbers.take()).toEqual([{ from: 2, to: 5 }]);
});

test('a hundred thousand in the order of eight lanes are one run', () => {
  const order = Array.from({ length: 100_000 }, (_, index) => index - (index % 8) + 8 - (index % 8));
  expect(taken(...order)).toBe('{[1,100000]}');
});
