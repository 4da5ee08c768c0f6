import type { SqlTx } from '@forecourt/messaging';
import { priceNow } from '@forecourt/pricing';
import type { Clock } from '@forecourt/service-kit';
import { appendChanges } from '../change-log/store.ts';
import type { Deps, Tx } from '../deps.ts';
import { loadDirectory } from '../directory/store.ts';
import { lockCatalogue } from '../product/lock.ts';
import { saveAndTellPrices, type Writing } from '../product/store.ts';

/** Which products a discount may reach. */
export interface Reach {
  readonly scope: 'everything' | 'category' | 'product';
  readonly targetId: string | null;
}

interface PricedRow {
  id: string;
  price: bigint;
  priceNow: bigint;
  categoryPath: string[];
}

const batchSize = 2_000;

/**
 * Brings `price_now`, by which lists are filtered and sorted, up to date, and tells of each product that costs another
 * amount now. For whoever holds the lock on the catalogue.
 */
export async function reprice(tx: Tx, reaches: readonly Reach[], writing: Writing): Promise<void> {
  const { directory, now } = writing;
  const all = reaches.some(({ scope }) => scope === 'everything');
  const categories = reaches.flatMap(({ scope, targetId }) => (scope === 'category' && targetId ? [targetId] : []));
  const products = reaches.flatMap(({ scope, targetId }) => (scope === 'product' && targetId ? [targetId] : []));
  for (let after = ''; ; ) {
    const rows = await tx.$queryRaw<PricedRow[]>`
      SELECT id, price, price_now AS "priceNow", category_path AS "categoryPath" FROM product
      WHERE removed_at IS NULL AND id > ${after}::text
        AND (${all}::boolean OR category_path && ${categories}::text[] OR id = ANY(${products}::text[]))
      ORDER BY id LIMIT ${batchSize}::int`;
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    const changed = rows
      .map(({ id: productId, price, priceNow: before, categoryPath }) => {
        const discounts = directory.discountsFor(productId, categoryPath);
        const { price: worth } = priceNow({ productId, price, categoryPath }, discounts, now);
        return { id: productId, before, priceNow: worth };
      })
      .filter((row) => row.before !== row.priceNow);
    await saveAndTellPrices(tx, changed, writing);
  }
}

interface Turn extends Reach {
  id: string;
}

const turns = (sql: Pick<SqlTx, '$queryRaw'>, now: Date) => sql.$queryRaw<Turn[]>`
  SELECT discount.id, scope, target_id AS "targetId" FROM price_clock, discount
  WHERE active AND (from_at > as_of AND from_at <= ${now}::timestamptz OR to_at > as_of AND to_at <= ${now}::timestamptz)`;

/**
 * Reprices what discounts that have begun or ended since the price clock's last setting reach. Which those are is in
 * the database, so a process that was down catches up, and of several only one does it. Gives how many turned.
 */
export async function repriceWhatTurned({
  database,
  change,
  currency,
  clock,
}: Pick<Deps, 'database' | 'change' | 'currency'> & { clock: Clock }): Promise<number> {
  const now = clock();
  if ((await turns(database, now)).length === 0) return 0;
  return change(async (tx) => {
    await lockCatalogue(tx);
    const turned = await turns(tx, now);
    if (turned.length === 0) return 0;
    await reprice(tx, turned, { directory: await loadDirectory(tx, now), currency, actor: 'catalog', now });
    await tx.$executeRaw`UPDATE price_clock SET as_of = ${now}::timestamptz WHERE as_of < ${now}::timestamptz`;
    const data = { discounts: turned.map(({ id }) => id) };
    await appendChanges(tx, [{ kind: 'prices', id: 'prices', version: 1, change: 'changed', data }], {
      actor: 'catalog',
      now,
    });
    return turned.length;
  });
}
