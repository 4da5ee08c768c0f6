import { ObjectId } from '@forecourt/contracts';
import type { Deps } from '../deps.ts';
import { saveDiscount, saveDiscountsKnown, saveOffer } from './store.ts';

export type CatchUp = 'news' | 'nothing_new' | 'unreachable';

/** Asks the catalogue for products that the copy lacks or may be behind on, and keeps the answer by version. */
export async function catchUpOffers(deps: Deps, productIds: readonly string[]): Promise<CatchUp> {
  const possible = productIds.filter((id) => ObjectId.safeParse(id).success);
  if (possible.length === 0) return 'nothing_new';
  const products = await deps.catalogue.products(possible);
  if (!products) return 'unreachable';

  let news = false;
  for (const product of products) news = (await saveOffer(deps.database, product)) || news;
  return news ? 'news' : 'nothing_new';
}

/**
 * A new deployment begins without discounts, and their absence looks like there being none. So they are asked for once
 * as a whole; from then on their events keep them.
 */
export async function learnDiscounts(deps: Deps): Promise<CatchUp> {
  const discounts = await deps.catalogue.discounts();
  if (!discounts) return 'unreachable';
  await deps.database.transaction(async (tx) => {
    for (const discount of discounts) await saveDiscount(tx, discount);
    await saveDiscountsKnown(tx, deps.clock());
  });
  return 'news';
}
