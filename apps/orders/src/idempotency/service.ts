import type { Deps } from '../deps.ts';
import { sweepIdempotencyKeys } from './store.ts';

const everyMs = 3_600_000;

/** Forgets old keys once an hour; gives the way to stop. Keys that outlive a restart are found by the next round. */
export function keepSweeping({ database, clock, log }: Pick<Deps, 'database' | 'clock' | 'log'>): () => void {
  const sweep = () =>
    sweepIdempotencyKeys(database, clock()).catch((error: unknown) =>
      log.warn({ err: error }, 'old idempotency keys stay for now'),
    );
  const timer = setInterval(sweep, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
