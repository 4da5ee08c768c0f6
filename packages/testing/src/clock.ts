import type { Clock } from '@forecourt/service-kit';

/** A clock that stands still until a test turns it. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  set(date: Date | string): void;
}

export function testClock(start = '2026-02-19T12:00:00.000Z'): TestClock {
  let now = new Date(start).getTime();
  return Object.assign(() => new Date(now), {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    set: (date: Date | string) => {
      now = new Date(date).getTime();
    },
  });
}
