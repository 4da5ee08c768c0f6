import type { Deps } from './deps.ts';
import { sweepIdempotencyKeys } from './idempotency/store.ts';
import { sweepPending } from './pending/store.ts';
import { forgetAgain } from './person/service.ts';

const everyMs = 3_600_000;

/**
 * Forgets old keys, and people, once an hour. Gives the way to stop, which waits for a round under way. What outlives a
 * restart is found by the next round.
 */
export function keepSweeping(deps: Deps): () => Promise<void> {
  const { database, clock, log } = deps;
  const complain = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const sweep = async () => {
    await sweepIdempotencyKeys(database, clock()).catch(complain('old idempotency keys stay for now'));
    await sweepPending(database, clock()).catch(complain('pending orders that lapsed stay for now'));
    await forgetAgain(deps).catch(complain('late orders of people who were erased stay for now'));
  };
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweep();
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return sweeping;
  };
}
