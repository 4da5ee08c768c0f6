import { gather } from '@forecourt/gather';
import type { Clock, Database } from '@forecourt/service-kit';
import { keyReused } from './ledger.ts';
import { type Act, isKeyTaken, type Outcome, perform } from './service.ts';

/** Acts of many callers at once. */
export interface Ledger {
  act<T>(act: Act<T>): Promise<T>;
}

export interface LedgerSource {
  readonly database: Database;
  readonly clock: Clock;
  readonly currency: string;
  /** Says that an event may be waiting. */
  wrote(): void;
}

/**
 * Acts that come at the same time share a transaction, hence its five statements and its commit, which cost most of what
 * an act costs; also those of one wallet, one after the other, each upon what the one before it left. A second
 * transaction when the first takes its time, so that one that waits for a wallet does not hold up everybody's.
 */
export function createLedger({ database, clock, currency, wrote }: LedgerSource): Ledger {
  const performIn = (acts: readonly Act<unknown>[]) =>
    database.transaction((tx) => perform(tx, acts, { currency, at: clock() }));

  /** What Postgres refuses of several is tried one by one: what fails fails alone. */
  const performAll = async (acts: readonly Act<unknown>[]): Promise<Outcome<unknown>[]> => {
    if (acts.length === 1) return Promise.all(acts.map((act) => performAlone(act)));
    try {
      return await performIn(acts);
    } catch (error) {
      // Anything else than a refusal may have come after the commit, and these acts may be done.
      if (!('severity' in (error as Error))) throw error;
    }
    return Promise.all(acts.map((act) => performAlone(act)));
  };

  const performAlone = async (act: Act<unknown>): Promise<Outcome<unknown>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [outcome] = await performIn([act]);
        return outcome as Outcome<unknown>;
      } catch (reason) {
        if (!isKeyTaken(reason)) return { status: 'rejected', reason };
        if (attempt === tries) return { status: 'rejected', reason: keyReused(act.key) };
      }
    }
  };

  const together = gather(performAll, { most: 64, atOnce: 2, furtherAfterMs: 25 });
  return {
    act: async <T>(act: Act<T>): Promise<T> => {
      const outcome = await together(act);
      if (outcome.status === 'rejected') throw outcome.reason;
      wrote();
      return outcome.value as T;
    },
  };
}

/** Who loses a race for a key finds the winner when they look again. */
const tries = 3;
