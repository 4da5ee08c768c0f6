import type { stockChanged } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import type { z } from 'zod';
import type { Change } from '../change-log/change-log.ts';
import { appendChanges } from '../change-log/store.ts';

type Stock = z.output<typeof stockChanged.data>;

/** What orders says about the stock of products, unless something newer is known. Few orders turn `inStock`; only those touch the product. */
export async function noteStock(tx: SqlTx, stocks: readonly Stock[], now: Date): Promise<void> {
  const newest = new Map<string, Stock>();
  for (const stock of stocks) {
    const known = newest.get(stock.productId);
    if (!known || known.version < stock.version) newest.set(stock.productId, stock);
  }
  // As `lockAggregate` locks one, in the order that it asks for.
  await tx.$executeRaw`
    SELECT count(pg_advisory_xact_lock(hashtext(current_schema() || '.product'), hashtext(id)))
    FROM (SELECT id FROM unnest(${[...newest.keys()]}::text[]) AS id ORDER BY id) AS sorted`;
  const turned = await tx.$queryRaw<{ id: string; version: number; inStock: boolean }[]>`
    WITH noted AS (
      INSERT INTO product_stock (product_id, version, quantity, in_stock)
      SELECT "productId", version, quantity, "inStock"
      FROM jsonb_to_recordset(${JSON.stringify([...newest.values()])}::jsonb)
        AS row ("productId" text, version int, quantity int, "inStock" boolean)
      ORDER BY "productId"
      ON CONFLICT (product_id) DO UPDATE SET (version, quantity, in_stock) = (excluded.version, excluded.quantity, excluded.in_stock)
      WHERE product_stock.version < excluded.version
      RETURNING product_id, version, in_stock
    )
    UPDATE product SET in_stock = noted.in_stock FROM noted
    WHERE product.id = noted.product_id AND product.in_stock <> noted.in_stock AND product.removed_at IS NULL
    RETURNING product.id, noted.version, noted.in_stock AS "inStock"`;
  const changes = turned.map(
    ({ id, version, inStock }): Change => ({
      kind: 'stock',
      id,
      version,
      change: 'changed',
      data: { productId: id, inStock },
    }),
  );
  await appendChanges(tx, changes, { actor: 'orders', now });
}
