import { stockChanged } from '@forecourt/contracts';
import { enqueueAll, outboxRow, type SqlTx } from '@forecourt/messaging';

/** What is left of a product after a change; null: not counted. */
interface Level {
  product_id: string;
  quantity: number | null;
  version: number;
}

/** The locks of several products, in one statement and in the order of their ids. */
export async function lockStock(tx: SqlTx, productIds: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT count(pg_advisory_xact_lock(hashtext(current_schema() || '.stock'), hashtext(product_id)))
    FROM (SELECT DISTINCT product_id FROM unnest(${productIds}::text[]) AS product_id ORDER BY product_id) AS wanted`;
}

export interface Count {
  readonly productId: string;
  readonly quantity: number | null;
}

/** Somebody counted; what was there before does not matter. */
export async function saveCounts(tx: SqlTx, counts: readonly Count[], now: Date): Promise<void> {
  const levels = await tx.$queryRaw<Level[]>`
    INSERT INTO stock AS known (product_id, quantity, version, counted_at)
    SELECT product_id, quantity, 1, ${now}::timestamptz
    FROM unnest(${counts.map(({ productId }) => productId)}::text[], ${counts.map(({ quantity }) => quantity)}::int[])
      AS counted (product_id, quantity)
    ON CONFLICT (product_id) DO UPDATE SET
      quantity = excluded.quantity, version = known.version + 1, counted_at = excluded.counted_at
    RETURNING product_id, quantity, version`;
  await tell(tx, levels, now);
}

/** Applies an imported count, unless a later import or a later count by an operator is known. */
export async function saveImportedCount(
  tx: SqlTx,
  count: Count & { productVersion: number; importedAt: Date },
  now: Date,
): Promise<void> {
  const levels = await tx.$queryRaw<Level[]>`
    INSERT INTO stock AS known (product_id, quantity, version, imported_version, counted_at)
    VALUES (${count.productId}, ${count.quantity}, 1, ${count.productVersion}, ${count.importedAt})
    ON CONFLICT (product_id) DO UPDATE SET
      quantity = excluded.quantity, version = known.version + 1, imported_version = excluded.imported_version,
      counted_at = excluded.counted_at
    WHERE excluded.imported_version > known.imported_version AND excluded.counted_at >= known.counted_at
    RETURNING product_id, quantity, version`;
  await tell(tx, levels, now);
}

/**
 * Gives back what an order took, once. A product that is no longer counted gets nothing back. Told is only what was sold
 * out until now: see `stockChanged`.
 */
export async function releaseReservations(tx: SqlTx, orderId: string, now: Date): Promise<void> {
  const levels = await tx.$queryRaw<(Level & { wasSoldOut: boolean })[]>`
    WITH released AS (
      UPDATE stock_reservations SET released_at = ${now}
      WHERE order_id = ${orderId} AND released_at IS NULL
      RETURNING product_id, quantity
    )
    UPDATE stock SET quantity = stock.quantity + released.quantity, version = stock.version + (stock.quantity = 0)::int
    FROM released WHERE stock.product_id = released.product_id AND stock.quantity IS NOT NULL
    RETURNING stock.product_id, stock.quantity, stock.version, stock.quantity = released.quantity AS "wasSoldOut"`;
  await tell(
    tx,
    levels.filter(({ wasSoldOut }) => wasSoldOut),
    now,
  );
}

/** Tells every level anew, as others know those of a time that is gone: a sale need not tell, and would not put them right. */
export async function liftLevels(tx: SqlTx, lift: number): Promise<void> {
  const levels = await tx.$queryRaw<(Level & { at: Date })[]>`
    UPDATE stock SET version = version + ${lift}::int RETURNING product_id, quantity, version, now() AS at`;
  if (levels[0]) await tell(tx, levels, levels[0].at);
}

const tell = (tx: SqlTx, levels: readonly Level[], changedAt: Date) =>
  enqueueAll(
    tx,
    levels.map(({ product_id: productId, quantity, version }) =>
      outboxRow(stockChanged, { productId, version, quantity, inStock: quantity === null || quantity > 0, changedAt }),
    ),
  );

export async function isOnOffer(db: Pick<SqlTx, '$queryRaw'>, productId: string): Promise<boolean> {
  const found = await db.$queryRaw<unknown[]>`
    SELECT FROM offers WHERE product_id = ${productId} AND removed_at IS NULL`;
  return found.length > 0;
}

/** By SKU; those that nothing on offer has are missing. */
export async function findProductIds(
  db: Pick<SqlTx, '$queryRaw'>,
  skus: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ sku: string; productId: string }[]>`
    SELECT sku, product_id AS "productId" FROM offers WHERE sku = ANY (${skus}::text[]) AND removed_at IS NULL`;
  return new Map(rows.map(({ sku, productId }) => [sku, productId]));
}

export interface StockLine {
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number | null;
  readonly countedAt: Date | null;
}

export interface StockFilter {
  /** Part of a SKU or title. */
  readonly q: string | null;
  /** Only products that are counted, or only those that are not. */
  readonly counted: boolean | null;
  /** At most so many left. */
  readonly atMost: number | null;
  /** The last product of the page before. */
  readonly after: string;
  readonly limit: number;
}

export const listStock = (
  db: Pick<SqlTx, '$queryRaw'>,
  { q, counted, atMost, after, limit }: StockFilter,
): PromiseLike<StockLine[]> =>
  db.$queryRaw`
    SELECT offers.product_id AS "productId", offers.sku, offers.title ->> 'uk' AS title, stock.quantity,
      stock.counted_at AS "countedAt"
    FROM offers LEFT JOIN stock USING (product_id)
    WHERE offers.removed_at IS NULL AND offers.product_id > ${after}
      AND (${q}::text IS NULL OR strpos(lower(offers.sku || ' ' || (offers.title ->> 'uk')), lower(${q}::text)) > 0)
      AND (${counted}::boolean IS NULL OR (stock.quantity IS NOT NULL) = ${counted}::boolean)
      AND (${atMost}::int IS NULL OR stock.quantity <= ${atMost}::int)
    ORDER BY offers.product_id LIMIT ${limit}::int`;
