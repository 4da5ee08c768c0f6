import type { Offer } from '../offer/offer.ts';
import type { StoredBasis } from './store.ts';

/** What this process priced from lately. */
export interface Memory {
  /** Null when anything of it is not remembered. */
  recall(productIds: readonly string[]): StoredBasis | null;
  remember(basis: StoredBasis): void;
  forget(productIds: readonly string[]): void;
}

const most = 10_000;

/**
 * Saves the look at the database for what sells all the time. Nobody trusts it: the statement that stores an order
 * checks every version that it was priced from, and a refusal is only given after a look.
 */
export function createMemory(): Memory {
  const offers = new Map<string, Offer>();
  let terms: Pick<StoredBasis, 'termsVersion' | 'discountsKnown' | 'delivery'> | undefined;

  return {
    recall: (productIds) => {
      const known = productIds.map((id) => offers.get(id)).filter((offer) => offer !== undefined);
      if (!terms || known.length < productIds.length) return null;
      return {
        ...terms,
        offers: new Map(known.map((offer) => [offer.productId, offer])),
        earlier: null,
        left: new Map(),
      };
    },
    remember: ({ termsVersion, discountsKnown, delivery, offers: seen }) => {
      terms = { termsVersion, discountsKnown, delivery };
      for (const [id, offer] of seen) offers.set(id, offer);
      for (const oldest of offers.keys()) {
        if (offers.size <= most) break;
        offers.delete(oldest);
      }
    },
    forget: (productIds) => {
      for (const id of productIds) offers.delete(id);
    },
  };
}
