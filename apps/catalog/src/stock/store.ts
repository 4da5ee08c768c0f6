import type { stockChanged } from '@forecourt/contracts';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { z } from 'zod';
import { appendChanges } from '../change-log/store.ts';

/** What orders says about a product's stock, unless something newer is known. Few orders turn `inStock`; only those touch the product. */
export async function noteStock(tx: SqlTx, stock: z.output<typeof stockChanged.data>, now: Date): Promise<void> {
  const { productId, version, quantity, inStock } = stock;
  await lockAggregate(tx, 'product', productId);
  const isNews = await tx.$executeRaw`
    INSERT INTO product_stock (product_id, version, quantity, in_stock)
    VALUES (${productId}::text, ${version}::int, ${quantity}::int, ${inStock}::boolean)
    ON CONFLICT (product_id) DO UPDATE SET (version, quantity, in_stock) = (excluded.version, excluded.quantity, excluded.in_stock)
    WHERE product_stock.version < excluded.version`;
  if (isNews === 0) return;
  const turned = await tx.$executeRaw`
    UPDATE product SET in_stock = ${inStock}::boolean WHERE id = ${productId}::text AND in_stock <> ${inStock}::boolean`;
  if (turned === 0) return;
  const data = { productId, inStock };
  await appendChanges(tx, [{ kind: 'stock', id: productId, version, change: 'changed', data }], {
    actor: 'orders',
    now,
  });
}
