/** When something happened, as far as a station's clock can be believed. */
export interface Stamp {
  /** Never after it was heard of. */
  readonly at: Date;
  /** It was told some time after it happened. */
  readonly late: boolean;
}

/** A clock this far from ours is right. */
const rightMs = 60_000;
const lateMs = 120_000;
/** Longer than a station keeps what it could not tell. */
const believableMs = 90 * 86_400_000;

export const isOff = (stampMs: number, receivedAt: Date): boolean => Math.abs(stampMs - receivedAt.getTime()) > lateMs;

/** `aheadMs`: how far the clock is known to be ahead of ours; null: it is not known. */
export function judge(stampMs: number | null, receivedAt: Date, aheadMs: number | null): Stamp {
  const heardMs = receivedAt.getTime();
  if (stampMs === null) return { at: receivedAt, late: false };
  const ms = aheadMs !== null && Math.abs(aheadMs) > rightMs ? stampMs - aheadMs : stampMs;
  if (ms >= heardMs) return { at: receivedAt, late: false };
  // It was in a queue when the station did not know the time, or does not know it still.
  if (heardMs - ms > believableMs) return { at: receivedAt, late: true };
  return { at: new Date(ms), late: heardMs - ms > lateMs };
}

/**
 * Two sights of a clock this far apart that agree show how it goes; what comes out of a queue comes faster. Nothing that shows
 * a time of long ago can be believed to be one, so that little is enough to see what it is.
 */
const sightMs = 20_000;
const unbelievableSightMs = 3_000;
/** They agree when they differ by no more than a part of the time between them; stations count in whole seconds. */
const stepMs = (passedMs: number): number => Math.min(5_000, Math.max(1_500, passedMs / 4));

interface Sight {
  readonly stampMs: number;
  readonly heardMs: number;
}

/** Learns how far a station's clock is ahead: one that keeps step with ours is a clock, whatever it shows. */
export interface StationClock {
  readonly aheadMs: number | null;
  /** Since when it is compared; null: it was not seen yet, or has just been put right. */
  readonly sight: Sight | null;
}

export const unseen: StationClock = { aheadMs: null, sight: null };

export function seen(clock: StationClock, stampMs: number, receivedAt: Date): StationClock {
  const heardMs = receivedAt.getTime();
  const now: Sight = { stampMs, heardMs };
  if (!clock.sight) return { ...clock, sight: now };
  const passedMs = heardMs - clock.sight.heardMs;
  if (Math.abs(stampMs - clock.sight.stampMs - passedMs) > stepMs(passedMs)) return { ...clock, sight: now };
  const neededMs = heardMs - stampMs > believableMs ? unbelievableSightMs : sightMs;
  return passedMs < neededMs ? clock : { aheadMs: stampMs - heardMs, sight: now };
}
