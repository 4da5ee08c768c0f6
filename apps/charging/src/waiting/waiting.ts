/** The time in which a cable stays in though the driver's car takes no more: over, and going on. */
export interface Waiting {
  readonly waitedSec: number;
  readonly since: Date | null;
}

export interface WaitingRules {
  /** Free, of all that is waited in a session. */
  readonly graceSec: number;
  /** The most that is billed. */
  readonly capSec: number;
}

export const notWaiting: Waiting = { waitedSec: 0, since: null };

export const beginWaiting = (waiting: Waiting, at: Date): Waiting =>
  waiting.since ? waiting : { ...waiting, since: at };

export const endWaiting = (waiting: Waiting, at: Date): Waiting => ({
  waitedSec: waitedBy(waiting, at),
  since: null,
});

/** In whole seconds, those that go on included. */
export const waitedBy = ({ waitedSec, since }: Waiting, now: Date): number =>
  waitedSec + (since ? Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1_000)) : 0);

/** A time in which nobody could hear the station: nobody knows whether the cable was in, so nobody pays for it. */
export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

export function withoutGap(waiting: Waiting, { from, to }: Gap): Waiting {
  if (!waiting.since || to <= waiting.since) return waiting;
  return { ...endWaiting(waiting, from), since: to };
}

/** Of what was waited, what is paid for. */
export const billableSec = (waitedSec: number, { graceSec, capSec }: WaitingRules): number =>
  Math.min(Math.max(0, waitedSec - graceSec), capSec);

/** A minute that has begun is a minute. */
export const minutesIn = (seconds: number): number => Math.ceil(seconds / 60);

/** When no more is billed however long it goes on; null: it does not go on. */
export const capReachedAt = ({ waitedSec, since }: Waiting, { graceSec, capSec }: WaitingRules): Date | null =>
  since && new Date(since.getTime() + Math.max(0, graceSec + capSec - waitedSec) * 1_000);

/** When the next minute begins that is billed; null: none does. */
export function nextMinuteAt(waiting: Waiting, rules: WaitingRules, now: Date): Date | null {
  if (!waiting.since) return null;
  const waited = waitedBy(waiting, now);
  const billable = billableSec(waited, rules);
  if (60 * minutesIn(billable) >= rules.capSec) return null;
  const begins = waited < rules.graceSec ? rules.graceSec : rules.graceSec + 60 * minutesIn(billable);
  return new Date(waiting.since.getTime() + (begins + 1 - waiting.waitedSec) * 1_000);
}
