import { testClock } from '@forecourt/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Breaker, createBreaker } from './breaker.ts';
import type { Answer } from './provider.ts';

const clock = testClock();
let breaker: Breaker;
beforeEach(() => {
  breaker = createBreaker(clock);
});

const later: Answer = { outcome: 'later', reason: 'answered 503' };
const inDoubt: Answer = { outcome: 'in_doubt', reason: 'did not answer in time' };
const taken: Answer = { outcome: 'taken', reference: null };
const hear = (...answers: Answer[]) => {
  for (const answer of answers) breaker.heard(answer);
};

test('four failures in a row are bad luck, five are an outage', () => {
  hear(later, inDoubt, later, inDoubt);
  expect([breaker.admits(), breaker.isDown()]).toEqual([true, false]);
  hear(later);
  expect([breaker.admits(), breaker.isDown()]).toEqual([false, true]);
});

test.each<[string, Answer]>([
  ['takes one on', taken],
  ['refuses one', { outcome: 'refused', reason: 'answered 400' }],
  ['says that one is unwanted', { outcome: 'unwanted', reason: 'answered 400' }],
  ['cannot reach one mailbox', { outcome: 'later', reason: '450 busy', healthy: true }],
])('a provider that %s is well', (_, answer) => {
  hear(later, later, later, later, answer, later, later, later, later);
  expect(breaker.isDown()).toBe(false);
});

describe('after its rest', () => {
  beforeEach(() => {
    hear(later, later, later, later, later);
    clock.advance(29_999);
    expect(breaker.admits()).toBe(false);
    clock.advance(1);
  });

  test('one call tries it, and no other meanwhile', () => {
    expect([breaker.admits(), breaker.admits(), breaker.isDown()]).toEqual([true, false, true]);
  });

  test('it rests again when that fails', () => {
    breaker.admits();
    hear(inDoubt);
    clock.advance(29_999);
    expect(breaker.admits()).toBe(false);
    clock.advance(1);
    expect(breaker.admits()).toBe(true);
  });

  test('it is trusted when that succeeds', () => {
    breaker.admits();
    hear(taken);
    expect([breaker.admits(), breaker.admits(), breaker.isDown()]).toEqual([true, true, false]);
  });

  test('it is tried by another when that one never tells', () => {
    breaker.admits();
    clock.advance(30_000);
    expect(breaker.admits()).toBe(true);
  });
});

test.each([
  [7, 7],
  [86_400, 300],
])('a provider that asks for %i seconds has %i', (asked, given) => {
  hear({ outcome: 'later', reason: 'answered 429', retryAfterSeconds: asked });
  clock.advance(given * 1000 - 1);
  expect([breaker.admits(), breaker.isDown()]).toEqual([false, true]);
  clock.advance(1);
  expect([breaker.admits(), breaker.admits(), breaker.isDown()]).toEqual([true, true, false]);
});
