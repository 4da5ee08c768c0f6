import { expect, test } from 'vitest';
import {
  beginWaiting,
  billableSec,
  capReachedAt,
  endWaiting,
  minutesIn,
  nextMinuteAt,
  notWaiting,
  waitedBy,
  withoutGap,
} from './waiting.ts';

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 1, 19, 12, minute, second));
const rules = { graceSec: 300, capSec: 3_600 };

test.each([
  [0, 0, 0],
  [299, 0, 0],
  [300, 0, 0],
  [301, 1, 1],
  [360, 60, 1],
  [361, 61, 2],
  [3_900, 3_600, 60],
  [90_000, 3_600, 60],
])('of %i seconds %i are paid for: %i minutes', (waited, billable, minutes) => {
  expect(billableSec(waited, rules)).toBe(billable);
  expect(minutesIn(billable)).toBe(minutes);
});

test('intervals add up, and beginning or ending twice counts once', () => {
  const first = endWaiting(beginWaiting(beginWaiting(notWaiting, at(0)), at(2)), at(5));
  expect(first).toEqual({ waitedSec: 300, since: null });
  expect(endWaiting(first, at(9))).toEqual(first);
  const second = beginWaiting(first, at(10));
  expect(waitedBy(second, at(11, 30))).toBe(390);
  expect(endWaiting(second, at(11, 30))).toEqual({ waitedSec: 390, since: null });
});

test('a clock that goes back takes nothing away', () => {
  expect(waitedBy(beginWaiting({ waitedSec: 60, since: null }, at(10)), at(5))).toBe(60);
});

test.each([
  ['in the middle is not waited', { from: at(5), to: at(30) }, at(40), 15 * 60],
  ['before it changes nothing', { from: at(-10), to: at(-5) }, at(40), 40 * 60],
  ['that began before it counts from its end', { from: at(-10), to: at(30) }, at(40), 10 * 60],
])('a gap %s', (_, gap, until, seconds) => {
  expect(waitedBy(withoutGap(beginWaiting(notWaiting, at(0)), gap), until)).toBe(seconds);
});

test('a gap is taken out once, however often it is told', () => {
  const gap = { from: at(5), to: at(30) };
  const once = withoutGap(beginWaiting(notWaiting, at(0)), gap);
  expect(withoutGap(once, gap)).toBe(once);
  expect(withoutGap(notWaiting, gap)).toBe(notWaiting);
});

test('the cap is reached after grace and cap, less what was waited before', () => {
  expect(capReachedAt({ waitedSec: 0, since: at(0) }, rules)).toEqual(at(65));
  expect(capReachedAt({ waitedSec: 600, since: at(0) }, rules)).toEqual(at(55));
  expect(capReachedAt({ waitedSec: 9_999, since: at(0) }, rules)).toEqual(at(0));
  expect(capReachedAt({ waitedSec: 600, since: null }, rules)).toBeNull();
});

test('each minute that is paid for begins at its own second, and none after the cap', () => {
  const waiting = { waitedSec: 60, since: at(0) };
  let now = at(0);
  const minutes: number[] = [];
  for (let next = nextMinuteAt(waiting, rules, now); next; next = nextMinuteAt(waiting, rules, now)) {
    expect(next.getTime()).toBeGreaterThan(now.getTime());
    const before = minutesIn(billableSec(waitedBy(waiting, new Date(next.getTime() - 1_000)), rules));
    const after = minutesIn(billableSec(waitedBy(waiting, next), rules));
    expect(after).toBe(before + 1);
    minutes.push(after);
    now = next;
    if (minutes.length > 60) break;
  }
  expect(minutes).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
});
