import type { Deps } from '../deps.ts';
import { findWallet } from './store.ts';

/**
 * What a customer may spend, in minor units, as payments knows it; when it does not answer at once, as it last told. Who
 * looks at a balance is never kept waiting by it, and nothing is spent by what is shown.
 */
export async function balanceOf(
  { askForWallet, database, log }: Pick<Deps, 'askForWallet' | 'database' | 'log'>,
  customerId: string,
): Promise<bigint> {
  try {
    return (await askForWallet(customerId)).available;
  } catch (error) {
    log.debug({ err: error, customerId }, 'payments does not answer: the balance that it last told is shown');
    return (await findWallet(database, customerId)) ?? 0n;
  }
}
