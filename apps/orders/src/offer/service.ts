import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import { saveDiscounts, saveDiscountsKnown, saveOffers } from './store.ts';

/** To whom must know what the copy lacks, while the catalogue cannot be asked. */
export const catalogueBehind = () =>
  new AppError('catalogue_behind', 'The catalogue is away, and its copy may lack this.', { retryAfterSeconds: 2 });

/** Asks the catalogue for products that the copy lacks or may be behind on; false when it cannot be reached. */
export async function learnOffers(deps: Deps, productIds: readonly string[]): Promise<boolean> {
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
export async function learnDiscounts(deps: Deps): Promise<boolean> {
  const discounts = await deps.catalogue.discounts();
  if (!discounts) return false;
  await deps.database.transaction(async (tx) => {
    await saveDiscounts(tx, discounts);
    await saveDiscountsKnown(tx, deps.clock());
  });
  return true;
}
