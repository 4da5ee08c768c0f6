import type { Deps } from './deps.ts';
import { sweepIdempotencyKeys } from './idempotency/store.ts';
import { forgetAgain } from './person/service.ts';

const everyMs = 3_600_000;

/** Forgets old keys, and people, once an hour; gives the way to stop. What outlives a restart is found by the next round. */
export function keepSweeping(deps: Pick<Deps, 'database' | 'clock' | 'log'>): () => void {
  const { database, clock, log } = deps;
  const complain = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const sweep = async () => {
    await sweepIdempotencyKeys(database, clock()).catch(complain('old idempotency keys stay for now'));
    await forgetAgain(deps).catch(complain('late orders of people who were erased stay for now'));
  };
  const timer = setInterval(sweep, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
