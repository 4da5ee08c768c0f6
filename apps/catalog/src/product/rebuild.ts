import type { Tx } from '../deps.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { type Product, withoutGiven } from './product.ts';
import { findProducts, saveAndTell, saveAndTellPrices, saveProducts, type Writing } from './store.ts';

const batchSize = 500;

/**
 * Works out anew what products take from others: paths, prices, the words that find them. Those that `change` makes a new
 * version of are told, the others only saved. For whoever holds the lock on the whole catalogue.
 */
export async function rebuildProducts(
  tx: Tx,
  where: Prisma.ProductWhereInput,
  writing: Writing,
  change: (product: Product) => Product = (product) => product,
): Promise<void> {
  let after = '';
  for (;;) {
    const batch = await tx.product.findMany({
      where: { removedAt: null, ...where, id: { gt: after } },
      orderBy: { id: 'asc' },
      select: { id: true },
      take: batchSize,
    });
    const last = batch.at(-1);
    if (!last) return;
    after = last.id;
    const products = await findProducts(tx, { id: { in: batch.map(({ id }) => id) } });
    const rebuilt = products.map((given) => {
      const before = withoutGiven(given);
      return { before, now: change(before), priceBefore: given.priceNow };
    });
    const quiet = rebuilt.filter(({ before, now }) => now === before);
    const saved = await saveProducts(
      tx,
      quiet.map(({ now }) => now),
      writing,
    );
    // A discount may have turned without anybody having noticed yet.
    const repriced = quiet.flatMap(({ now: { id }, priceBefore }) => {
      const priceNow = saved.get(id)?.priceNow;
      return priceNow === undefined || priceNow === priceBefore ? [] : [{ id, priceNow }];
    });
    await saveAndTellPrices(tx, repriced, writing);
    await saveAndTell(
      tx,
      rebuilt.filter(({ before, now }) => now !== before).map(({ now }) => now),
      writing,
    );
  }
}
