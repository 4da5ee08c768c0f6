import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { priceNow } from '@forecourt/pricing';
import type { Deps } from '../deps.ts';
import type { NumberedOffer } from './offer.ts';
import { findOffer, saveDiscounts, saveDiscountsKnown, saveOffers } from './store.ts';

/** To whom must know what the copy lacks, while the catalogue cannot be asked. */
export const catalogueBehind = () =>
  new AppError('catalogue_behind', 'The catalogue is away, and its copy may lack this.', { retryAfterSeconds: 2 });

/** Asks the catalogue for products that the copy lacks or may be behind on; false when it cannot be reached. */
export async function learnOffers(
  deps: Pick<Deps, 'catalogue' | 'database'>,
  productIds: readonly string[],
): Promise<boolean> {
  const possible = productIds.filter((id) => ObjectId.safeParse(id).success);
  if (possible.length === 0) return true;
  const products = await deps.catalogue.products(possible);
  if (!products) return false;
  await saveOffers(deps.database, products);
  return true;
}

/**
 * Asks the catalogue for all discounts; false when it cannot be reached. A new deployment begins without any, which
 * looks like there being none; and after a restore of the database their events will not come a second time.
 */
export async function learnDiscounts(deps: Pick<Deps, 'catalogue' | 'clock' | 'database'>): Promise<boolean> {
  const discounts = await deps.catalogue.discounts();
  if (!discounts) return false;
  await deps.database.transaction(async (tx) => {
    await saveDiscounts(tx, discounts);
    await saveDiscountsKnown(tx, deps.clock());
  });
  return true;
}

/** A product with what it costs after discounts. */
export interface Quote {
  readonly offer: NumberedOffer;
  readonly price: bigint;
}

type QuoteDeps = Pick<Deps, 'catalogue' | 'clock' | 'currency' | 'database' | 'discountsAt'>;
const looks = 10;

/** What a product costs now; null: it is not for sale. Of a number that the copy lacks the catalogue is asked. */
export async function quote(
  deps: QuoteDeps,
  which: { readonly number: number } | { readonly productId: string },
): Promise<Quote | null> {
  let hasAsked = false;
  for (let look = 0; look < looks; look += 1) {
    const { offer, termsVersion, discountsKnown } = await findOffer(deps.database, which);
    if (!offer && 'number' in which && !hasAsked) {
      const told = await deps.catalogue.numbered(which.number);
      if (!told) throw catalogueBehind();
      if (told.length === 0) return null;
      await saveOffers(deps.database, told);
      hasAsked = true;
      continue;
    }
    if (!offer?.active || offer.currency !== deps.currency) return null;
    if (!discountsKnown) {
      if (!(await learnDiscounts(deps))) throw catalogueBehind();
      continue;
    }
    const discounts = await deps.discountsAt(termsVersion);
    if (discounts) return { offer, price: priceNow(offer, discounts, deps.clock()).price };
  }
  throw new AppError('overloaded', 'Prices change too fast to tell one.', { retryAfterSeconds: 1 });
}
