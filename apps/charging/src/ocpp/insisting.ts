import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@forecourt/errors';
import { databaseRefusal } from '@forecourt/service-kit';
import { CallError } from './frame.ts';

/** How long a call is tried again while what it needs is away; stations wait half a minute for an answer, or longer. */
const patienceMs = 20_000;
const firstPauseMs = 250;
const longestPauseMs = 2_000;

/** An answer of ours that did not come. */
export class Overdue extends CallError {
  constructor() {
    super('InternalError', 'It took too long.');
  }
}

const billed: ReadonlySet<string> = new Set(['StartTransaction', 'StopTransaction', 'MeterValues', 'TransactionEvent']);

/** What these tell is billed: a station that is met with an error too often gives them up. */
export const isBilled = (action: string): boolean => billed.has(action);

/** Whatever it needed is away or has too much to do, and will be there again. */
export function isPassing(error: unknown): boolean {
  if (error instanceof CallError) return false;
  const { code } = error instanceof AppError ? error : (databaseRefusal(error) ?? {});
  return code === 'service_unavailable' || code === 'overloaded' || code === 'upstream_timeout';
}

/** Tries again for a while what failed only because something is away: whatever is done twice changes things once. */
export async function insist<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      const isWorthIt = isPassing(error) && isWanted() && performance.now() + pause < deadline;
      if (!isWorthIt) throw error;
      await sleep(pause);
    }
  }
}
