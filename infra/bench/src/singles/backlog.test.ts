import { expect, test } from 'vitest';
import { progress } from './backlog.ts';

const watched = (end: number, looks: readonly (readonly [at: number, count: number])[]) => {
  let now = 0;
  const watching = progress(end, () => now);
  for (const [at, count] of looks) {
    now = at;
    watching.see(count, 0);
  }
  return watching;
};

test('neither the time before the first progress nor that after the last counts', () => {
  const watching = watched(3000, [
    [0, 0],
    [5000, 0],
    [6000, 1000],
    [6500, 2000],
    [7000, 3000],
    [9000, 3000],
  ]);
  expect(watching.perSecond()).toBe(2000);
  expect(watching.arrived()).toBe(true);
});

test('what stands still has not arrived', () => {
  expect(watched(100, [[10, 99]]).arrived()).toBe(false);
});

test('what was never seen on its way has no rate', () => {
  expect(watched(100, [[10, 100]]).perSecond()).toBeNaN();
});
