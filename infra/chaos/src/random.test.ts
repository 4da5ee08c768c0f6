import { expect, test } from 'vitest';
import { seeded } from './random.ts';

test('the same seed gives the same numbers, and another one others', () => {
  const numbers = (seed: number) => {
    const random = seeded(seed);
    return Array.from({ length: 50 }, () => random.next());
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
});

test('numbers are spread evenly', () => {
  const random = seeded(1);
  const picked = Array<number>(10).fill(0);
  for (let n = 0; n < 10_000; n++) {
    const place = random.below(10);
    picked[place] = (picked[place] ?? 0) + 1;
  }
  for (const count of picked) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('shuffling keeps everything, and moves it', () => {
  const list = Array.from({ length: 20 }, (_, n) => n);
  const shuffled = seeded(3).shuffled(list);
  expect(shuffled).not.toEqual(list);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(list);
});
