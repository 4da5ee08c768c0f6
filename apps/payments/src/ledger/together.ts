import { AppError } from '@forecourt/errors';
import { gather } from '@forecourt/gather';
import type { Clock, Database } from '@forecourt/service-kit';
import { LookAgain } from './books.ts';
import type { LedgerMetrics } from './metrics.ts';
import { type Act, type Outcome, perform } from './service.ts';

/** Acts of many callers at once. */
export interface Ledger {
  act<T>(act: Act<T>): Promise<T>;
}

export interface LedgerSource {
  readonly database: Database;
  readonly clock: Clock;
  readonly currency: string;
  readonly metrics: LedgerMetrics;
  /** Says that an event may be waiting. */
  wrote(): void;
}

/**
 * Acts that come at the same time share a transaction, hence its five statements and its commit, which cost most of what
 * an act costs; also those of one wallet, one after the other, each upon what the one before it left. A second
 * transaction when the first takes its time, so that one that waits for a wallet does not hold up everybody's.
 */
export function createLedger({ database, clock, currency, metrics, wrote }: LedgerSource): Ledger {
  const performIn = (acts: readonly Act<unknown>[]) =>
    database.transaction((tx) => perform(tx, acts, { currency, at: clock() }));

  const performAll = async (acts: readonly Act<unknown>[]): Promise<Outcome<unknown>[]> => {
    try {
      const outcomes = await performIn(acts);
      return await Promise.all(outcomes.map((outcome, index) => settled(outcome, acts[index] as Act<unknown>)));
    } catch (reason) {
      // Anything else than a refusal of Postgres may have come after the commit, and these acts may be done.
      if (acts.length === 1 || !('severity' in (reason as Error))) throw reason;
      // What fails fails alone.
      const outcomes = await Promise.allSettled(acts.map((act) => performAll([act])));
      return outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? (outcome.value[0] as Outcome<unknown>) : outcome,
      );
    }
  };

  const settled = async (outcome: Outcome<unknown>, act: Act<unknown>): Promise<Outcome<unknown>> => {
    if (outcome.status === 'fulfilled' || !(outcome.reason instanceof LookAgain)) return outcome;
    const [again] = await performIn([act]);
    return again as Outcome<unknown>;
  };

  const measured = (acts: readonly Act<unknown>[]) => {
    metrics.together.observe(acts.length);
    return performAll(acts);
  };

  const together = gather(measured, { most: 64, atOnce: 2, furtherAfterMs: 25 });
  return {
    act: async <T>(act: Act<T>): Promise<T> => {
      const outcome = await together(act);
      metrics.acts.inc({ act: act.name, outcome: inWord(outcome) });
      if (outcome.status === 'rejected') throw outcome.reason;
      wrote();
      return outcome.value as T;
    },
  };
}

const inWord = (outcome: Outcome<unknown>): string => {
  if (outcome.status === 'fulfilled') return 'done';
  return outcome.reason instanceof AppError ? outcome.reason.code : 'failed';
};
