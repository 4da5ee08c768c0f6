import type { SqlTx } from '@forecourt/messaging';
import type { Discount } from '@forecourt/pricing';
import { loadDiscounts } from './store.ts';

/** The discounts at a version of the terms; null when the terms have moved on by now: read them again. */
export type DiscountsAt = (termsVersion: number) => Promise<readonly Discount[] | null>;

/**
 * Discounts change rarely and are needed for every order. Each order reads the version of the terms from the database,
 * so what is kept here is never taken for more than what it was read at.
 */
export function createDiscountCache(db: Pick<SqlTx, '$queryRaw'>): DiscountsAt {
  let known: { termsVersion: number; discounts: readonly Discount[] } | undefined;
  return async (termsVersion) => {
    if (known?.termsVersion !== termsVersion) known = await loadDiscounts(db);
    return known.termsVersion === termsVersion ? known.discounts : null;
  };
}
