import { expect, test } from 'vitest';
import { callTime, isDoubtfulEnough, maxAttempts, nextAttempt } from './delivery.ts';

const now = new Date('2026-02-19T12:00:00.000Z');
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test.each([
  ['order_changed', [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, undefined]],
  ['code', [2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, undefined]],
] as const)('a message of kind %s is tried again ever more slowly, and then given up', (kind, waits) => {
  const tries = Array.from({ length: maxAttempts }, (_, n) => nextAttempt({ kind, attempts: n + 1 }, now)?.getTime());
  expect(tries.map((time) => time && (time - now.getTime()) / 1000)).toEqual(waits);
});

test.each([
  ['order_changed', 60, 60],
  ['order_changed', 5, 10],
  ['order_changed', 1_000_000, 3600],
  ['code', 20, 20],
  ['code', 1_000_000, 30],
] as const)('a message of kind %s, asked to wait for %i seconds, waits for %i', (kind, asked, waited) => {
  expect(nextAttempt({ kind, attempts: 1 }, now, asked)).toEqual(inSeconds(waited));
});

test.each([
  ['code', 'sms', 3],
  ['phone_changed', 'sms', 3],
  ['code', 'voice', 3],
  ['order_changed', 'sms', 1],
  ['order_placed', 'sms', 1],
] as const)('a message of kind %s by %s is not sent again after %i calls in doubt', (kind, channel, most) => {
  expect(isDoubtfulEnough(kind, channel, most - 1)).toBe(false);
  expect(isDoubtfulEnough(kind, channel, most)).toBe(true);
});

test('a mail in doubt is sent again: its Message-ID tells that it is the same', () => {
  expect(isDoubtfulEnough('order_placed', 'email', 100)).toBe(false);
});

test.each([
  ['as long as the provider may take', { leaseEnds: 120, notAfter: 300 }, 20_000],
  ['as long as the message keeps', { leaseEnds: 120, notAfter: 7 }, 7_000],
  ['so that the lease outlasts it', { leaseEnds: 15, notAfter: null }, 10_000],
  ['not at all when nothing is left', { leaseEnds: 120, notAfter: 0.9 }, null],
  ['not at all when the lease is about to end', { leaseEnds: 5.9, notAfter: null }, null],
  ['not at all when it is too late', { leaseEnds: 120, notAfter: -1 }, null],
] as const)('a call takes %s', (_, { leaseEnds, notAfter }, milliseconds) => {
  const ends = { now, leaseEnds: inSeconds(leaseEnds), notAfter: notAfter === null ? null : inSeconds(notAfter) };
  expect(callTime(20, ends)).toBe(milliseconds);
});
