import type { Deps } from '../deps.ts';
import { repriceWhatTurned } from './repricing.ts';

const everyMilliseconds = 1_000;

/**
 * Looks every second whether discounts have begun or ended. The duty itself is in the database (the price clock and the
 * discounts' own instants), so nothing is lost with this timer. Gives the way to stop.
 */
export function sweepPrices(
  deps: Pick<Deps, 'database' | 'change' | 'currency' | 'clock' | 'log'>,
): () => Promise<void> {
  let sweeping = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    sweeping = repriceWhatTurned(deps)
      .then((turned) => {
        if (turned > 0) deps.log.info({ turned }, 'discounts began or ended, prices follow');
      })
      .catch((error: unknown) => deps.log.warn({ err: error }, 'prices could not be brought up to date; trying again'))
      .finally(() => {
        busy = false;
      });
  }, everyMilliseconds);
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}
