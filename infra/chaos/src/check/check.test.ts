import { expect, test } from 'vitest';
import type { Evidence } from '../evidence.ts';
import { defineCheck, isBlindness } from './check.ts';

const evidence = {} as Evidence;

/** Whether each look finds everything in order. */
function looking(looks: boolean[], patienceMs?: number) {
  return defineCheck<boolean, 'things'>({
    name: 'settled',
    what: 'All is well.',
    kinds: ['things'],
    ...(patienceMs !== undefined && { patienceMs }),
    gather: async () => looks.shift() ?? true,
    judge: (tally, isWell) => tally.demand('things', isWell, () => 'not yet'),
  });
}

test('a patient check looks again until nothing is wrong any more', async () => {
  const looks = [false, true, false];
  expect((await looking(looks, 10_000).run(evidence)).violations).toEqual([]);
  expect(looks).toEqual([false]);
});

test('what is wrong at this moment is said at once', async () => {
  expect((await looking([false, true], 10_000).inspect(evidence)).violations).toEqual(['not yet']);
  expect((await looking([false, true]).run(evidence)).violations).toEqual(['not yet']);
});

test('so many violations as anybody reads are spelt out, and all are counted', () => {
  const check = defineCheck<number, 'things'>({
    name: 'settled',
    what: 'All is well.',
    kinds: ['things'],
    gather: async () => 0,
    judge: (tally, wrong) => {
      for (let index = 0; index < wrong; index += 1) tally.demand('things', false, () => `wrong ${index}`);
    },
  });
  const { checked, violations } = check.judge(25);
  expect(checked).toBe(25);
  expect(violations.at(0)).toBe('wrong 0');
  expect(violations.at(-1)).toBe('and 5 more');
  const { violations: nothing } = check.judge(0);
  expect(nothing.map(isBlindness)).toEqual([true]);
});
