import type { Tx } from '../deps.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Product } from './product.ts';
import { findProducts, saveAndTell, saveProducts, type Writing } from './store.ts';

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
    const rebuilt = products.map(({ number: _number, inStock: _inStock, ...before }) => ({
      before,
      now: change(before),
    }));
    await saveProducts(
      tx,
      rebuilt.filter(({ before, now }) => now === before).map(({ now }) => now),
      writing,
    );
    await saveAndTell(
      tx,
      rebuilt.filter(({ before, now }) => now !== before).map(({ now }) => now),
      writing,
    );
  }
}
