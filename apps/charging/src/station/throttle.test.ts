import { expect, test } from 'vitest';
import { createThrottle } from './throttle.ts';

function aThrottle() {
  let now = 0;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { throttle: createThrottle(() => now), pass };
}

test('ten failures of one station from one address are too many for a minute, for them alone', () => {
  const { throttle, pass } = aThrottle();
  for (let n = 0; n < 9; n += 1) throttle.failed('a', 'CP-1');
  expect(throttle.waitFor('a', 'CP-1')).toBeNull();
  throttle.failed('a', 'CP-1');
  expect(throttle.waitFor('a', 'CP-1')).toBe(60);
  expect(throttle.waitFor('a', 'CP-2')).toBeNull();
  // a stranger who guesses keeps no station out
  expect(throttle.waitFor('b', 'CP-1')).toBeNull();
  pass(59_500);
  expect(throttle.waitFor('a', 'CP-1')).toBe(1);
  pass(500);
  expect(throttle.waitFor('a', 'CP-1')).toBeNull();
});

test('a hundred failures of an address are too many, whatever names it tries', () => {
  const { throttle } = aThrottle();
  for (let n = 0; n < 100; n += 1) throttle.failed('a', `CP-${n}`);
  expect(throttle.waitFor('a', 'CP-new')).toBe(60);
  expect(throttle.waitFor('b', 'CP-new')).toBeNull();
});

test('a window that is over counts from the beginning', () => {
  const { throttle, pass } = aThrottle();
  for (let n = 0; n < 10; n += 1) throttle.failed('a', 'CP-1');
  pass(60_000);
  throttle.failed('a', 'CP-1');
  expect(throttle.waitFor('a', 'CP-1')).toBeNull();
});
