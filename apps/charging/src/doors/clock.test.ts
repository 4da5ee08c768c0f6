import { describe, expect, test } from 'vitest';
import { isOff, judge, type StationClock, seen, unseen } from './clock.ts';

const noon = new Date('2026-02-19T12:00:00Z');
const after = (seconds: number) => new Date(noon.getTime() + seconds * 1_000);
const ms = (seconds: number) => after(seconds).getTime();

describe('when something happened', () => {
  test.each<[string, number | null, number | null, number, boolean]>([
    ['said by a right clock', -5, null, -5, false],
    ['a while ago', -121, null, -121, true],
    ['not said', null, null, 0, false],
    ['in the future', 3_600, null, 0, false],
    ['longer ago than anything is kept', -91 * 86_400, null, 0, true],
    ['said by a clock that is known to be behind', -5_405, -5_400, -5, false],
    ['said late by a clock that is known to be behind', -9_000, -5_400, -3_600, true],
    ['said by a clock that is known to be ahead', 3_590, 3_600, -10, false],
    ['said by a clock that is a little off', -20, -30, -20, false],
  ])('%s', (_, stampSec, aheadSec, atSec, late) => {
    const stamp = stampSec === null ? null : ms(stampSec);
    expect(judge(stamp, noon, aheadSec === null ? null : aheadSec * 1_000)).toEqual({ at: after(atSec), late });
  });

  test('is doubted only when it is far off', () => {
    expect([isOff(ms(-119), noon), isOff(ms(-121), noon), isOff(ms(121), noon)]).toEqual([false, true, true]);
  });
});

describe('a station’s clock', () => {
  /** Pairs of what it showed and when that was heard, in seconds. */
  const seeing = (...sights: [number, number][]): StationClock =>
    sights.reduce((clock, [stamp, heard]) => seen(clock, ms(stamp), after(heard)), unseen);

  test('that keeps step is known, however wrong it is', () => {
    expect(seeing([-5_400, 0], [-5_370, 30]).aheadMs).toBe(-5_400_000);
    expect(seeing([0, 0], [30, 30]).aheadMs).toBe(0);
  });
  test('is not known by two sights at once', () => {
    expect(seeing([-5_400, 0], [-5_399, 1]).aheadMs).toBeNull();
  });
  test('of another age is known as soon as it is seen to go', () => {
    const ages = -40 * 365 * 86_400;
    expect(seeing([ages, 0], [ages + 2, 2]).aheadMs).toBeNull();
    expect(seeing([ages, 0], [ages + 3, 4]).aheadMs).toBe((ages - 1) * 1_000);
    expect(seeing([ages, 0], [ages + 60, 4]).aheadMs).toBeNull();
  });
  test('is not known by what comes out of a queue', () => {
    expect(seeing([-5_400, 0], [-3_600, 1], [-1_800, 2], [0, 3]).aheadMs).toBeNull();
  });
  test('that is put right is known anew', () => {
    expect(seeing([-5_400, 0], [-5_370, 30], [40, 40], [70, 70]).aheadMs).toBe(0);
  });
});
