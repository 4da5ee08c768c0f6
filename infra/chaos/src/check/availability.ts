import type { History } from '../history.ts';
import { calmMs } from '../measure.ts';
import { defineCheck } from './check.ts';

export type AvailabilityMaterial = Pick<History, 'operations' | 'faults' | 'loadOverAt'>;

type Kind = 'answers' | 'faults' | 'recoveries';

/** Generous, and of time in which nothing else was broken that the same operations need. */
const recoveryLimitMs = 30_000;
/** Honest: come again. */
const honest = new Set([503, 504]);
/** Subscribers are answered 500 with this for all that is our fault, and when to come again where that makes sense. */
const ourFault = '99';

export const availability = defineCheck<AvailabilityMaterial, Kind>({
  name: 'availability',
  what: 'Who cannot be served hears 503 or 504 and no other 5xx; what a fault stopped goes on soon after its end.',
  kinds: ['answers', 'faults', 'recoveries'],
  optional: ['faults', 'recoveries'],

  gather: async ({ history }) => history,

  judge(tally, { operations, faults, loadOverAt }) {
    const lastAt = loadOverAt ?? Math.max(0, ...operations.map(({ endedAt }) => endedAt));
    for (const { id, kind, status, code, error, comeAgain } of operations) {
      if (status === null) continue;
      const isFine = status < 500 || honest.has(status) || (status === 500 && code === ourFault && comeAgain === true);
      tally.demand('answers', isFine, () => `${kind} ${id} was answered ${status} ${code ?? error ?? ''}`);
    }
    for (const fault of faults) {
      const { id, kind, target, to, recoveredAt, impossible } = fault;
      if (impossible !== undefined) continue;
      tally.demand('faults', to !== undefined, () => `${kind} of ${target} (fault ${id}) was never taken back`);
      if (to === undefined) continue;
      // When nobody comes any more, who is still there says how they are served, and not how soon.
      if (loadOverAt !== undefined && to > loadOverAt) continue;
      // Too few begin a charge to tell by; that all stations came back and said what they had to is asked at the end.
      if (target.startsWith('stations →')) continue;
      const took = calmMs(fault, to, recoveredAt ?? lastAt, faults);
      // What ended last had no time to recover in.
      if (recoveredAt === undefined && took < recoveryLimitMs) continue;
      tally.demand(
        'recoveries',
        took <= recoveryLimitMs,
        () => `after ${kind} of ${target} (fault ${id}) nothing worked for ${Math.round(took)} ms`,
      );
    }
  },
});
